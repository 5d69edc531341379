{{ config(enabled=var('shopify_enabled'), schema='intermediate', materialized='view') }}

with orders as (
    select * from {{ ref('orders') }}
    where source_name = 'shopify' and order_kind <> 'refund' and not is_test
),

final as (
    select
        'shopify:refund:' || refunds.refund_id as event_id,
        'shopify' as source_name,
        case when orders.sales_channel = 'store' then 'store' else 'shop' end as channel,
        'order_refunded' as event_type,
        orders.customer_id,
        refunds.refunded_at as occurred_at,
        orders.order_id as reference_id,
        -refunds.refunded_amount as amount,
        orders.currency
    from {{ ref('int_shopify_refunds') }} as refunds
    inner join orders on refunds.order_id = orders.source_order_id
)

select * from final
