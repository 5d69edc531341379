{{ config(enabled=var('shopify_enabled'), schema='intermediate') }}

with refunds as (
    select * from {{ ref('stg_shopify__refunds') }}
),

order_lines as (
    select * from {{ ref('stg_shopify__order_lines') }}
),

line_refunds as (
    select
        coalesce(line_refunds.refund_id, 'line:' || line_refunds.order_line_refund_id) as refund_id,
        order_lines.order_id,
        coalesce(line_refunds.subtotal_amount, 0) + coalesce(line_refunds.tax_amount, 0) as amount
    from {{ ref('stg_shopify__order_line_refunds') }} as line_refunds
    left join order_lines
        on line_refunds.order_line_id = order_lines.order_line_id
),

-- Shopify books an adjustment from the shop's side: money given back beyond the lines is negative, money kept positive.
adjustments as (
    select
        coalesce(refund_id, 'adjustment:' || order_adjustment_id) as refund_id,
        order_id,
        -(coalesce(amount, 0) + coalesce(tax_amount, 0)) as amount
    from {{ ref('stg_shopify__order_adjustments') }}
),

parts as (
    select refund_id, order_id, amount from line_refunds
    union all
    select refund_id, order_id, amount from adjustments
),

amounts as (
    select
        refund_id,
        max(order_id) as order_id,
        sum(amount) as amount
    from parts
    group by refund_id
),

-- A refund without parts gave nothing back; parts without a refund row did.
final as (
    select
        coalesce(refunds.refund_id, amounts.refund_id) as refund_id,
        coalesce(refunds.order_id, amounts.order_id) as order_id,
        refunds.refunded_at,
        cast(coalesce(amounts.amount, 0) as decimal(18, 2)) as refunded_amount
    from refunds
    full outer join amounts
        on refunds.refund_id = amounts.refund_id
)

select
    refund_id,
    order_id,
    refunded_at,
    refunded_amount
from final
