{# Several values as one, compared by the first, then the second, and so on: what `max` needs to find the latest row of a
   group together with its other columns. `values` maps field names to expressions; read a field as (record).name. #}
{% macro record(values) -%}
    {{ return(adapter.dispatch('record', 'kindred')(values)) }}
{%- endmacro %}

{% macro default__record(values) -%}
    struct_pack(
        {%- for name, value in values.items() %}{{ name }} := {{ value }}{{ ", " if not loop.last }}{% endfor -%}
    )
{%- endmacro %}

{% macro spark__record(values) -%}
    named_struct(
        {%- for name, value in values.items() %}'{{ name }}', {{ value }}{{ ", " if not loop.last }}{% endfor -%}
    )
{%- endmacro %}
