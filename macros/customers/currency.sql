{# What one unit of each currency is worth in the reporting currency. A currency without a rate has no row: its money is worth null, not 0. #}
{% macro reporting_rates() -%}
    select
        rates.currency,
        reporting.rate / rates.rate as reporting_rate
    from {{ ref('currency_rates') }} as rates
    cross join {{ ref('currency_rates') }} as reporting
    where reporting.currency = '{{ var("reporting_currency") }}'
{%- endmacro %}


{# An amount that was computed, as the currency has it: in thousandths where its unit has a thousand parts (ISO 4217), else in hundredths. #}
{% macro rounded_money(amount, currency) -%}
    {#- Sums are as wide as decimals can be: two of different scales would be brought to the lesser one. -#}
    case
        when {{ currency }} in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then cast(round({{ amount }}, 3) as decimal(18, 4))
        else cast(round({{ amount }}, 2) as decimal(18, 4))
    end
{%- endmacro %}
