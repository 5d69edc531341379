{# Statements for a hook of a run: as one text where the engine takes several at once, else executed one by one. #}
{% macro hook_statements(statements) -%}
    {{ return(adapter.dispatch('hook_statements', 'kindred')(statements)) }}
{%- endmacro %}

{% macro default__hook_statements(statements) -%}
    {%- for statement in statements -%}{%- do run_query(statement) -%}{%- endfor -%}
    {{ return('') }}
{%- endmacro %}

{% macro duckdb__hook_statements(statements) -%}
    {{ return(statements | join(';\n')) }}
{%- endmacro %}


{# Whether access is given to roles; where it is not, whoever has the file has all of it (`make masked` writes one without clear data). #}
{% macro engine_has_roles() -%}
    {{ return(adapter.dispatch('engine_has_roles', 'kindred')()) }}
{%- endmacro %}

{% macro default__engine_has_roles() -%}
    {{ return(true) }}
{%- endmacro %}

{% macro duckdb__engine_has_roles() -%}
    {{ return(false) }}
{%- endmacro %}


{# The columns that relations have in the database now, as {name: type} by relation; none for a relation that is not there. #}
{% macro columns_by_relation(relations) -%}
    {{ return(adapter.dispatch('columns_by_relation', 'kindred')(relations)) }}
{%- endmacro %}

{% macro default__columns_by_relation(relations) -%}
    {%- set found = {} -%}
    {%- for relation in relations -%}
        {%- set columns = {} -%}
        {%- if adapter.get_relation(database=relation.database, schema=relation.schema, identifier=relation.identifier) is not none -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}{%- do columns.update({column.name: column.data_type}) -%}{%- endfor -%}
        {%- endif -%}
        {%- do found.update({relation | string: columns}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# One question for all, and outside a transaction: what a hook begins within one is taken back unless it is committed. #}
{% macro duckdb__columns_by_relation(relations) -%}
    {%- set found = {} -%}
    {%- for relation in relations -%}{%- do found.update({relation | string: {}}) -%}{%- endfor -%}
    {%- call statement('columns_by_relation', fetch_result=true, auto_begin=false) -%}
        select table_catalog, table_schema, table_name, column_name, data_type
        from information_schema.columns
        order by table_catalog, table_schema, table_name, ordinal_position
    {%- endcall -%}
    {%- for row in load_result('columns_by_relation').table.rows -%}
        {%- set name = api.Relation.create(database=row[0], schema=row[1], identifier=row[2]) | string -%}
        {%- if name in found -%}{%- do found[name].update({row[3]: row[4]}) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
