{{ config(schema='intermediate', cluster_by='customer_id') }}

with orders as (
    select *
    from {{ ref('orders') }}
    where
        customer_id is not null
        -- Neither a test of the checkout nor a cancelled order is worth anything.
        and not is_test
        and not is_cancelled
),

rates as (
    {{ reporting_rates() }}
),

as_of as (
    select {{ as_of() }} as as_of_at
),

valued as (
    select
        orders.customer_id,
        orders.sales_channel,
        orders.order_kind = 'sale' as is_sale,
        -- Rounded per document, so that the sum does not depend on the order of addition.
        cast(orders.net_amount * rates.reporting_rate as decimal(18, 4)) as net_revenue,
        coalesce(
            orders.ordered_at > {{ dbt.dateadd('day', -365, 'as_of.as_of_at') }}
            and orders.ordered_at <= as_of.as_of_at,
            false
        ) as is_last_365_days,
        -- What is dated later has not happened: it is worth its money, but says nothing of when.
        case when orders.ordered_at <= as_of.as_of_at then orders.ordered_at end as ordered_at
    from orders
    cross join as_of
    left join rates
        on orders.currency = rates.currency
),

final as (
    select
        customer_id,
        count(*) filter (where is_sale) as order_count,
        count(*) filter (where is_sale and net_revenue is not null) as converted_order_count,
        count(*) filter (where is_sale and sales_channel = 'online') as online_order_count,
        count(*) filter (where is_sale and sales_channel = 'store') as store_order_count,
        min(ordered_at) filter (where is_sale) as first_order_at,
        max(ordered_at) filter (where is_sale) as last_order_at,
        coalesce(sum(net_revenue), 0) as net_revenue,
        count(*) filter (where is_sale and is_last_365_days) as orders_last_365_days,
        coalesce(sum(net_revenue) filter (where is_last_365_days), 0) as net_revenue_last_365_days,
        count(*) filter (where net_revenue is null) as unconverted_document_count
    from valued
    group by customer_id
)

select
    customer_id,
    order_count,
    online_order_count,
    store_order_count,
    first_order_at,
    last_order_at,
    cast(net_revenue as decimal(18, 2)) as net_revenue,
    -- What has no value in the reporting currency is in neither part.
    cast(cast(net_revenue as double) / nullif(converted_order_count, 0) as decimal(18, 2)) as average_order_value,
    orders_last_365_days,
    cast(net_revenue_last_365_days as decimal(18, 2)) as net_revenue_last_365_days,
    unconverted_document_count
from final
