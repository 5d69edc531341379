{# Aggregate: the distinct values of a text, sorted, joined by comma and blank. #}
{% macro sorted_list(expression) -%}
    {{ return(adapter.dispatch('sorted_list', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__sorted_list(expression) -%}
    {#- Not string_agg in order, which sorts every group by itself. -#}
    array_to_string(list_sort(list(distinct {{ expression }}) filter (where {{ expression }} is not null)), ', ')
{%- endmacro %}

{% macro spark__sorted_list(expression) -%}
    nullif(array_join(array_sort(collect_set({{ expression }})), ', '), '')
{%- endmacro %}

{# A row for each part of a text, without white space around it; the text is cut at one character. Stands in a select list. #}
{% macro text_parts(expression, separator) -%}
    {{ return(adapter.dispatch('text_parts', 'kindred')(expression, separator)) }}
{%- endmacro %}

{% macro default__text_parts(expression, separator) -%}
    trim(unnest(string_split({{ expression }}, '{{ separator }}')))
{%- endmacro %}

{% macro spark__text_parts(expression, separator) -%}
    explode(transform(split({{ expression }}, '[{{ separator }}]'), part -> trim(part)))
{%- endmacro %}


{# A row for each item of a text that lists items by comma and blank, with the columns beside it; an empty text has none. #}
{% macro list_items(relation, columns, list_column, item_column) -%}
    {{ return(adapter.dispatch('list_items', 'kindred')(relation, columns, list_column, item_column)) }}
{%- endmacro %}

{% macro default__list_items(relation, columns, list_column, item_column) -%}
    select
        {{ columns | join(', ') }},
        unnest(string_split({{ list_column }}, ', ')) as {{ item_column }}
    from {{ relation }}
    where {{ list_column }} <> ''
{%- endmacro %}

{% macro spark__list_items(relation, columns, list_column, item_column) -%}
    select
        {{ columns | join(', ') }},
        explode(split({{ list_column }}, ', ')) as {{ item_column }}
    from {{ relation }}
    where {{ list_column }} <> ''
{%- endmacro %}
