{#
    Large tables are kept in the order of what they are looked up and joined by: config `cluster_by`, one column. The engine then skips
    the blocks that a lookup has no business in, and packs what is alike: smaller files, faster grouping. On DuckDB the table is written in
    that order, and what an increment adds later stands at the end; elsewhere the config is the adapter's to honour or to ignore.
#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- set column = config.get('cluster_by') -%}
    {%- if column and language == 'sql' and not temporary -%}
        {%- set compiled_code = 'select * from (\n' ~ compiled_code ~ '\n) as unordered\norder by ' ~ column -%}
    {%- endif -%}
    {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
{%- endmacro %}
