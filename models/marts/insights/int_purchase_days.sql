{{ config(schema='intermediate', cluster_by='customer_id') }}

with orders as (
    select *
    from {{ ref('orders') }}
    where
        customer_id is not null
        and order_kind = 'sale'
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
        cast(orders.ordered_at as date) as purchase_date,
        -- Rounded per document, so that the sum does not depend on the order of addition.
        cast(orders.net_amount * rates.reporting_rate as decimal(18, 4)) as net_revenue
    from orders
    -- What lies in the future is a wrong clock, not a purchase.
    inner join as_of
        on orders.ordered_at <= as_of.as_of_at
    left join rates
        on orders.currency = rates.currency
),

final as (
    select
        customer_id,
        purchase_date,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue
    from valued
    group by customer_id, purchase_date
)

select * from final
