{#  Seeds on Spark. Its adapter knows no type without a length, and hands the values to a session as they are: what is missing arrives as the
    text 'None', and an apostrophe ends its text. Nor does dbt tell the word null from nothing; meta `null_is_a_word` says that nothing is missing. #}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}{%- do columns.append(adapter.quote(name) ~ ' ' ~ spark_seed_type(model, agate_table, loop.index0)) -%}{%- endfor -%}
    {%- set sql = 'create table ' ~ this.render() ~ ' (' ~ columns | join(', ') ~ ') ' ~ file_format_clause() -%}
    {%- call statement('_') -%}{{ sql }}{%- endcall -%}
    {{ return(sql) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set missing = "'null'" if (model['config'].get('meta') or {}).get('null_is_a_word') else 'null' -%}
    {%- set types = [] -%}
    {%- for name in agate_table.column_names -%}{%- do types.append(spark_seed_type(model, agate_table, loop.index0)) -%}{%- endfor -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set rows = [] -%}
        {%- for row in chunk -%}
            {%- set values = [] -%}
            {%- for value in row -%}
                {%- set literal = missing if value is none else "'" ~ (value | string | replace('\\', '\\\\') | replace("'", "\\'")) ~ "'" -%}
                {%- do values.append('cast(' ~ literal ~ ' as ' ~ types[loop.index0] ~ ')') -%}
            {%- endfor -%}
            {%- do rows.append('(' ~ values | join(', ') ~ ')') -%}
        {%- endfor -%}
        {%- do adapter.add_query('insert into ' ~ this.render() ~ ' values\n' ~ rows | join(',\n'), abridge_sql_log=True) -%}
    {%- endfor -%}
    {{ return('') }}
{% endmacro %}

{# The type of a column of a seed by its place: as declared, else as its values look. #}
{% macro spark_seed_type(model, agate_table, place) -%}
    {{ return(engine_type(model['config'].get('column_types', {}).get(agate_table.column_names[place], adapter.convert_type(agate_table, place)))) }}
{%- endmacro %}
