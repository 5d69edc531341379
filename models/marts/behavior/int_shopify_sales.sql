{{ config(enabled=var('shopify_enabled'), schema='intermediate', cluster_by='record_id') }}

with orders as (
    select * from {{ ref('stg_shopify__orders') }}
),

lines_by_order as (
    select
        coalesce(lines.order_id, 'unknown') as order_id,
        count(*) as line_count,
        sum(lines.quantity) as units,
        sum({{ line_amount('lines') }}) as lines_amount,
        sum(lines.discount_amount) as discount_amount
    from {{ ref('stg_shopify__order_lines') }} as lines
    where lines.order_id is null or lines.order_id not in (select withdrawn.order_id from {{ ref('int_shopify_withdrawn_orders') }} as withdrawn)
    group by coalesce(lines.order_id, 'unknown')
),

-- Lines whose order never arrived still were sold: the full join lets them stand for it.
final as (
    select
        case
            when orders.order_id is null then 'shopify:orphan:' || lines_by_order.order_id
            else 'shopify:' || orders.order_id
        end as order_id,
        coalesce(orders.order_id, lines_by_order.order_id) as source_order_id,
        orders.record_id,
        orders.ordered_at,
        orders.currency,
        case when lower(orders.sales_channel) in ('pos', 'store', 'retail') then 'store' else 'online' end as sales_channel,
        coalesce(lines_by_order.line_count, 0) as line_count,
        coalesce(lines_by_order.units, 0) as units,
        coalesce(orders.total_amount, {{ rounded_money('lines_by_order.lines_amount', 'orders.currency') }}, 0) as gross_amount,
        coalesce(orders.discount_amount, lines_by_order.discount_amount, 0) as discount_amount,
        coalesce(orders.tax_amount, 0) as tax_amount,
        orders.cancelled_at is not null as is_cancelled,
        coalesce(orders.is_test, false) as is_test
    from orders
    full outer join lines_by_order
        on orders.order_id = lines_by_order.order_id
)

select
    order_id,
    source_order_id,
    record_id,
    ordered_at,
    currency,
    sales_channel,
    cast(line_count as bigint) as line_count,
    cast(units as decimal(18, 3)) as units,
    cast(gross_amount as decimal(18, 4)) as gross_amount,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(tax_amount as decimal(18, 4)) as tax_amount,
    is_cancelled,
    is_test
from final
