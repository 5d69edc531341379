{# The masked views that this and earlier runs have made, in whatever schema; none where views cannot be asked for their text. #}
{% macro masked_views() -%}
    {{ return(adapter.dispatch('masked_views', 'kindred')()) }}
{%- endmacro %}

{% macro default__masked_views() -%}
    {{ return([]) }}
{%- endmacro %}

{# Told by how they end: the mart of the same name, with the key of pseudonyms. A view that somebody wrote for their own use does not. #}
{% macro duckdb__masked_views() -%}
    {%- call statement('masked_views', fetch_result=true, auto_begin=false) -%}
        select database_name, schema_name, view_name
        from duckdb_views()
        where
            database_name = current_database()
            and regexp_matches(
                sql, ' FROM \(?[^ ]*\b' || view_name || '"? AS mart CROSS JOIN [^ ]*\bmasking_key"? AS masking_key\)?;?\s*$'
            )
        order by all
    {%- endcall -%}
    {%- set found = [] -%}
    {%- for row in load_result('masked_views').table.rows -%}
        {%- do found.append(api.Relation.create(database=row[0], schema=row[1], identifier=row[2], type='view')) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Which of some relations a view still reads that is not itself `of_them`. Where views cannot be asked: all, unless everything was built well. #}
{% macro names_still_read(names, of_them) -%}
    {{ return(adapter.dispatch('names_still_read', 'kindred')(names, of_them)) }}
{%- endmacro %}

{% macro default__names_still_read(names, of_them) -%}
    {%- set is_whole = not invocation_args_dict.get('select') and not invocation_args_dict.get('exclude') -%}
    {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped']) | list -%}
    {{ return([] if is_whole and not failed else names) }}
{%- endmacro %}

{% macro duckdb__names_still_read(names, of_them) -%}
    {%- call statement('names_still_read', fetch_result=true, auto_begin=false) -%}
        select distinct names.name
        from (select unnest(['{{ names | join("', '") }}']) as name) as names
        inner join duckdb_views() as views on regexp_matches(views.sql, '\b' || names.name || '\b')
        where
            not views.internal
            and views.database_name = current_database()
            and views.view_name not in ('{{ of_them | join("', '") }}')
    {%- endcall -%}
    {{ return(load_result('names_still_read').table.rows | map(attribute=0) | list) }}
{%- endmacro %}


{# Views on raw files of sources that are switched off, as expose_raw_files made them: [{source, relation}]. Where there is no file nothing is in one. #}
{% macro raw_views_left_over() -%}
    {{ return(adapter.dispatch('raw_views_left_over', 'kindred')()) }}
{%- endmacro %}

{% macro default__raw_views_left_over() -%}
    {{ return([]) }}
{%- endmacro %}

{% macro duckdb__raw_views_left_over() -%}
    {%- set names = [] -%}
    {%- for staged in staged_tables(include_disabled=true) if not source_is_enabled(staged.source) -%}
        {%- do names.append("('" ~ staged.source ~ "', '" ~ var(staged.source ~ '_schema') ~ "', '" ~ staged.table ~ "')") -%}
    {%- endfor -%}
    {%- if not names -%}{{ return([]) }}{%- endif -%}
    {%- set claimed = [] -%}
    {%- for node in graph.sources.values() -%}{%- do claimed.append(node.schema ~ '.' ~ node.identifier) -%}{%- endfor -%}
    {#- Only what reads files and numbers them as this project does. -#}
    {%- call statement('raw_views_left_over', fetch_result=true, auto_begin=false) -%}
        select names.source_name, views.database_name, views.schema_name, views.view_name
        from duckdb_views() as views
        inner join (values {{ names | join(', ') }}) as names (source_name, schema_name, table_name)
            on views.schema_name = names.schema_name and views.view_name = names.table_name
        where
            views.database_name = current_database()
            and contains(views.sql, 'read_parquet(')
            and contains(views.sql, '{{ file_order_column() }}')
        order by all
    {%- endcall -%}
    {%- set found = [] -%}
    {%- for row in load_result('raw_views_left_over').table.rows if row[2] ~ '.' ~ row[3] not in claimed -%}
        {%- do found.append({'source': row[0], 'relation': api.Relation.create(database=row[1], schema=row[2], identifier=row[3])}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
