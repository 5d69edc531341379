{# What one unit of each currency is worth in the reporting currency. A currency without a rate has no row: its money is worth null, not 0. #}
{% macro reporting_rates() -%}
    select
        rates.currency,
        reporting.rate / rates.rate as reporting_rate
    from {{ ref('currency_rates') }} as rates
    cross join {{ ref('currency_rates') }} as reporting
    where reporting.currency = '{{ var("reporting_currency") }}'
{%- endmacro %}
