{# Window functions that pass over nulls: the first or last value that is known. The window, `over ...`, comes after. #}

{% macro first_known(expression) -%}
    {{ return(adapter.dispatch('first_known', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__first_known(expression) -%}
    first_value({{ expression }} ignore nulls)
{%- endmacro %}

{% macro spark__first_known(expression) -%}
    first_value({{ expression }}) ignore nulls
{%- endmacro %}


{% macro last_known(expression) -%}
    {{ return(adapter.dispatch('last_known', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__last_known(expression) -%}
    last_value({{ expression }} ignore nulls)
{%- endmacro %}

{% macro spark__last_known(expression) -%}
    last_value({{ expression }}) ignore nulls
{%- endmacro %}
