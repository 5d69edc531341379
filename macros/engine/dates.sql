{# Full years from one day to another, as people count birthdays. #}
{% macro full_years_between(earlier, later) -%}
    {{ return(adapter.dispatch('full_years_between', 'kindred')(earlier, later)) }}
{%- endmacro %}

{% macro default__full_years_between(earlier, later) -%}
    date_sub('year', cast({{ earlier }} as date), cast({{ later }} as date))
{%- endmacro %}

{% macro spark__full_years_between(earlier, later) -%}
    cast(floor(months_between(cast({{ later }} as date), cast({{ earlier }} as date)) / 12) as int)
{%- endmacro %}
