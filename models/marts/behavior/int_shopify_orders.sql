{{ config(enabled=var('shopify_enabled'), schema='intermediate', cluster_by='record_id') }}

with sales as (
    select * from {{ ref('int_shopify_sales') }}
),

refunds as (
    select * from {{ ref('int_shopify_refunds') }}
),

refunds_by_order as (
    select
        order_id,
        sum(refunded_amount) as refunded_amount
    from refunds
    group by order_id
),

orders as (
    select
        sales.order_id,
        sales.source_order_id,
        case when sales.gross_amount < 0 then 'return' else 'sale' end as order_kind,
        sales.record_id,
        sales.ordered_at,
        sales.currency,
        sales.sales_channel,
        sales.line_count,
        sales.units,
        sales.gross_amount,
        sales.discount_amount,
        sales.tax_amount,
        coalesce(refunds_by_order.refunded_amount, 0) as refunded_amount,
        sales.is_cancelled,
        sales.is_test
    from sales
    left join refunds_by_order
        on sales.source_order_id = refunds_by_order.order_id
),

-- A refund whose order is unknown is a row of its own, so that money given back is never lost.
orphan_refunds as (
    select
        'shopify:refund:' || refunds.refund_id as order_id,
        coalesce(refunds.order_id, refunds.refund_id) as source_order_id,
        'refund' as order_kind,
        cast(null as string) as record_id,
        refunds.refunded_at as ordered_at,
        cast(null as string) as currency,
        'online' as sales_channel,
        0 as line_count,
        0 as units,
        0 as gross_amount,
        0 as discount_amount,
        0 as tax_amount,
        refunds.refunded_amount,
        false as is_cancelled,
        false as is_test
    from refunds
    left join sales
        on refunds.order_id = sales.source_order_id
    where sales.source_order_id is null
),

final as (
    select * from orders
    union all
    select * from orphan_refunds
)

select
    order_id,
    'shopify' as source_name,
    source_order_id,
    order_kind,
    record_id,
    ordered_at,
    currency,
    sales_channel,
    cast(null as string) as store_id,
    cast(line_count as bigint) as line_count,
    cast(units as decimal(18, 3)) as units,
    cast(gross_amount as decimal(18, 4)) as gross_amount,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(tax_amount as decimal(18, 4)) as tax_amount,
    cast(refunded_amount as decimal(18, 4)) as refunded_amount,
    is_cancelled,
    is_test
from final
