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

{% if var('pos_enabled') %}
-- What is brought back to a till is a document of its own, which names the receipt.
brought_back as (
    select
        'pos:' || receipts.returned_receipt_id as order_id,
        returns.currency,
        sum(returns.net_amount) as net_amount
    from {{ ref('orders') }} as returns
    inner join {{ ref('stg_pos__receipts') }} as receipts on returns.order_id = 'pos:' || receipts.receipt_id
    where
        returns.order_kind = 'return'
        and not returns.is_test
        and not returns.is_cancelled
        and receipts.returned_receipt_id is not null
    group by receipts.returned_receipt_id, returns.currency
),

{% endif %}
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
        cast((orders.net_amount{% if var('pos_enabled') %} + coalesce(brought_back.net_amount, 0){% endif %}) * rates.reporting_rate as decimal(18, 4)) as net_revenue
    from orders
    -- What lies in the future is a wrong clock, not a purchase.
    inner join as_of
        on orders.ordered_at <= as_of.as_of_at
    left join rates
        on orders.currency = rates.currency
    {%- if var('pos_enabled') %}
    left join brought_back
        on
            orders.order_id = brought_back.order_id
            and orders.currency = brought_back.currency
    {%- endif %}
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
