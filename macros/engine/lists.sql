{# Aggregate: the distinct values of a text, sorted, joined by comma and blank. #}
{% macro sorted_list(expression) -%}
    {{ return(adapter.dispatch('sorted_list', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__sorted_list(expression) -%}
    string_agg(distinct {{ expression }}, ', ' order by {{ expression }})
{%- endmacro %}

{% macro spark__sorted_list(expression) -%}
    nullif(array_join(array_sort(collect_set({{ expression }})), ', '), '')
{%- endmacro %}
