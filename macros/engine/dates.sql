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


{# dbt's difference of two times counts how often the clock strikes in between; that of Spark's adapter rounds hours and less up instead. #}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- set seconds = {'hour': 3600, 'minute': 60, 'second': 1}.get(datepart) -%}
    {%- if not seconds -%}{{ return(dbt.spark__datediff(first_date, second_date, datepart)) }}{%- endif -%}
    ((unix_timestamp(date_trunc('{{ datepart }}', {{ second_date }})) - unix_timestamp(date_trunc('{{ datepart }}', {{ first_date }}))) div {{ seconds }})
{%- endmacro %}


{# A time so many units later. That of Spark's adapter drops fractions of a second and, with days, the time of day. #}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, cast({{ interval }} as int), {{ from_date_or_timestamp }})
{%- endmacro %}
