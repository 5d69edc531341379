{{ config(schema='intermediate') }}

{%- set segments = var('sales_forecast_segments') or [] %}

with as_of as (
    select cast({{ as_of() }} as date) as as_of_date
),

sales as (
    select
        customer_id,
        currency,
        cast(ordered_at as date) as sales_date,
        gross_amount
    from {{ ref('orders') }}
    where
        order_kind = 'sale'
        and currency is not null
        and ordered_at is not null
        and not is_test
        and not is_cancelled
),

memberships as (
    select * from {{ ref('segment_membership') }}
),

rates as (
    {{ reporting_rates() }}
),

daily as (
    select
        'all customers' as segment_name,
        currency,
        sales_date,
        sum(gross_amount) as sales_amount
    from sales
    group by currency, sales_date
    {%- if segments %}
    union all
    -- One currency, so that a segment is one series. Rounded per document, so that the sum does not depend on the order of addition.
    select
        memberships.segment_name,
        '{{ var("reporting_currency") }}' as currency,
        sales.sales_date,
        sum(cast(sales.gross_amount * rates.reporting_rate as decimal(18, 4))) as sales_amount
    from sales
    inner join memberships on sales.customer_id = memberships.customer_id
    inner join rates on sales.currency = rates.currency
    where memberships.segment_name in ({% for segment in segments %}'{{ segment }}'{{ ', ' if not loop.last }}{% endfor %})
    group by memberships.segment_name, sales.sales_date
    {%- endif %}
),

-- The as-of day is still running: its sales would look like a fall.
complete as (
    select
        daily.segment_name,
        daily.currency,
        daily.sales_date,
        daily.sales_amount,
        as_of.as_of_date,
        cast({{ dbt.date_trunc('week', 'as_of.as_of_date') }} as date) as running_week,
        cast({{ dbt.date_trunc('week', 'daily.sales_date') }} as date) as sales_week,
        min(daily.sales_date) over (partition by daily.segment_name, daily.currency) as first_date
    from daily
    inner join as_of
        on daily.sales_date < as_of.as_of_date
),

final as (
    select
        'day' as period,
        segment_name,
        currency,
        sales_date as period_start,
        sales_amount,
        cast({{ dbt.dateadd('day', -1, 'as_of_date') }} as date) as last_start
    from complete
    union all
    select
        'week' as period,
        segment_name,
        currency,
        sales_week as period_start,
        sum(sales_amount) as sales_amount,
        cast({{ dbt.dateadd('day', -7, 'running_week') }} as date) as last_start
    from complete
    -- Neither the week that sales began in nor the one still running is whole. Segments are forecast by day.
    where sales_week >= first_date and sales_week < running_week and segment_name = 'all customers'
    group by segment_name, currency, sales_week, running_week
)

select
    period,
    segment_name,
    currency,
    period_start,
    cast(sales_amount as decimal(18, 2)) as sales_amount,
    last_start
from final
