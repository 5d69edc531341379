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


{# Statements that make a table, in the place of one that is there; `definition` is what stands after its name. #}
{% macro remade_table(relation, definition) -%}
    {{ return(adapter.dispatch('remade_table', 'kindred')(relation, definition)) }}
{%- endmacro %}

{% macro default__remade_table(relation, definition) -%}
    {{ return(['drop table if exists ' ~ relation, 'create table ' ~ relation ~ ' ' ~ definition]) }}
{%- endmacro %}

{% macro duckdb__remade_table(relation, definition) -%}
    {{ return(['create or replace table ' ~ relation ~ ' ' ~ definition]) }}
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

{# Who may read a table is a matter of the catalog or the files there. #}
{% macro spark__engine_has_roles() -%}
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


{# Names of the destinations that have tables in a schema; elsewhere than here only those among `known` are found. #}
{% macro published_destinations(schema, known) -%}
    {{ return(adapter.dispatch('published_destinations', 'kindred')(schema, known)) }}
{%- endmacro %}

{% macro default__published_destinations(schema, known) -%}
    {%- set found = [] -%}
    {%- for name in known -%}
        {%- set tables = [] -%}
        {%- for kind in ['state', 'current'] -%}
            {%- if adapter.get_relation(database=schema.database, schema=schema.schema, identifier='activation_' ~ name ~ '_' ~ kind) is not none -%}
                {%- do tables.append(kind) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if tables | length == 2 -%}{%- do found.append(name) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Outside a transaction, as above. #}
{% macro duckdb__published_destinations(schema, known) -%}
    {%- call statement('published_destinations', fetch_result=true, auto_begin=false) -%}
        select regexp_extract(table_name, '^activation_(.+)_(state|current)$', 1) as destination
        from information_schema.tables
        where
            table_catalog = '{{ schema.database }}'
            and table_schema = '{{ schema.schema }}'
            and table_type = 'BASE TABLE'
            and regexp_matches(table_name, '^activation_(.+)_(state|current)$')
        group by destination
        having count(*) = 2
        order by destination
    {%- endcall -%}
    {{ return(load_result('published_destinations').table.rows | map(attribute=0) | list) }}
{%- endmacro %}


{# Drops what increments of Python models leave: the engine's adapter makes their news an ordinary table of a new name in each run, because
   a temporary one would not be seen by the connection that takes it over, and drops none. A run that broke off leaves some, too. #}
{% macro drop_left_over_tables() -%}
    {{ return(adapter.dispatch('drop_left_over_tables', 'kindred')()) }}
{%- endmacro %}

{% macro default__drop_left_over_tables() -%}
{%- endmacro %}

{% macro duckdb__drop_left_over_tables() -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}{{ return('') }}{%- endif -%}
    {%- call statement('left_over_tables', fetch_result=true, auto_begin=false) -%}
        select database_name, schema_name, table_name
        from duckdb_tables()
        where database_name = current_database() and not temporary and regexp_matches(table_name, '__dbt_tmp[0-9]{20}$')
        order by all
    {%- endcall -%}
    {%- set statements = [] -%}
    {%- for row in load_result('left_over_tables').table.rows -%}
        {%- do statements.append('drop table ' ~ api.Relation.create(database=row[0], schema=row[1], identifier=row[2])) -%}
    {%- endfor -%}
    {{ return(hook_statements(statements)) }}
{%- endmacro %}
