{# No rows of a declared shape: what a switched-off source delivers. `columns` maps names to types. #}
{% macro empty_rows(columns) -%}
    select
    {%- for name, type in columns.items() %}
        cast(null as {{ engine_type(type) }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
    where false
{%- endmacro %}


{# A type by the name this project uses for it. #}
{% macro engine_type(name) -%}
    {{ return(adapter.dispatch('engine_type', 'kindred')(name)) }}
{%- endmacro %}

{% macro default__engine_type(name) -%}
    {{ name }}
{%- endmacro %}

{% macro spark__engine_type(name) -%}
    {{ 'string' if name == 'varchar' else name }}
{%- endmacro %}


{# What dbt compares a model with whose contract is enforced: no rows of the declared columns. On Spark it does not know the project's names of types. #}
{% macro spark__get_empty_schema_sql(columns) -%}
    {%- set translated = {} -%}
    {%- for key, column in columns.items() -%}
        {%- do translated.update({key: dict(column, data_type=engine_type(column.data_type)) if column.data_type else column}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(translated)) }}
{%- endmacro %}
