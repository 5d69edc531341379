{{ config(schema='intermediate') }}

with as_of as (
    select cast({{ as_of() }} as date) as as_of_date
),

daily as (
    select
        orders.currency,
        cast(orders.ordered_at as date) as sales_date,
        sum(orders.gross_amount) as sales_amount
    from {{ ref('orders') }} as orders
    where
        orders.order_kind = 'sale'
        and orders.currency is not null
        and orders.ordered_at is not null
        and not orders.is_test
        and not orders.is_cancelled
    group by orders.currency, cast(orders.ordered_at as date)
),

-- The as-of day is still running: its sales would look like a fall.
complete as (
    select
        daily.currency,
        daily.sales_date,
        daily.sales_amount,
        as_of.as_of_date,
        cast({{ dbt.date_trunc('week', 'as_of.as_of_date') }} as date) as running_week,
        cast({{ dbt.date_trunc('week', 'daily.sales_date') }} as date) as sales_week,
        min(daily.sales_date) over (partition by daily.currency) as first_date
    from daily
    inner join as_of
        on daily.sales_date < as_of.as_of_date
),

final as (
    select
        'day' as period,
        currency,
        sales_date as period_start,
        sales_amount,
        cast({{ dbt.dateadd('day', -1, 'as_of_date') }} as date) as last_start
    from complete
    union all
    select
        'week' as period,
        currency,
        sales_week as period_start,
        sum(sales_amount) as sales_amount,
        cast({{ dbt.dateadd('day', -7, 'running_week') }} as date) as last_start
    from complete
    -- Neither the week that sales began in nor the one still running is whole.
    where sales_week >= first_date and sales_week < running_week
    group by currency, sales_week, running_week
)

select
    period,
    currency,
    period_start,
    cast(sales_amount as decimal(18, 2)) as sales_amount,
    last_start
from final
