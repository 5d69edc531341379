{# How postal codes and towns are compared. A town in letters that have no Latin form is compared as it is written. #}

{% macro postal_key(expression) -%}
    nullif(replace({{ name_key(expression) }}, ' ', ''), '')
{%- endmacro %}

{% macro town_key(expression) -%}
    coalesce({{ name_key(expression) }}, lower({{ blank_to_null(expression) }}))
{%- endmacro %}
