{{ config(enabled=var('shopify_enabled'), schema='intermediate') }}

with withdrawn as (
    select * from {{ ref('int_shopify_withdrawn_orders') }}
),

refunds as (
    select * from {{ ref('stg_shopify__refunds') }}
    where order_id is null or order_id not in (select withdrawn.order_id from withdrawn)
),

sold_lines as (
    select
        lines.order_line_id,
        lines.order_id,
        lines.quantity,
        {{ line_amount('lines') }} as line_amount,
        sum({{ line_amount('lines') }}) over (partition by lines.order_id) as lines_amount,
        orders.subtotal_amount,
        orders.currency,
        {{ prices_contain_tax('orders') }} as is_tax_included
    from {{ ref('stg_shopify__order_lines') }} as lines
    left join {{ ref('stg_shopify__orders') }} as orders on lines.order_id = orders.order_id
),

-- What was paid for a unit, discounts on the whole document taken off.
paid_lines as (
    select
        *,
        cast(line_amount as double) / nullif(quantity, 0) * {{ paid_share('subtotal_amount', 'lines_amount') }} as unit_amount
    from sold_lines
),

-- Where prices contain the tax, the subtotal of a refund may or may not: more than was paid for the units cannot be given back for them.
line_refunds as (
    select
        coalesce(line_refunds.refund_id, 'line:' || line_refunds.order_line_refund_id) as refund_id,
        paid_lines.order_id,
        case
            when paid_lines.is_tax_included
                then
                    least(
                        coalesce(line_refunds.subtotal_amount, 0) + coalesce(line_refunds.tax_amount, 0),
                        greatest(
                            coalesce(line_refunds.subtotal_amount, 0),
                            {{ rounded_money(
                                'cast(paid_lines.unit_amount * coalesce(line_refunds.quantity, paid_lines.quantity) as decimal(18, 4))', 'paid_lines.currency'
                            ) }}
                        )
                    )
            else coalesce(line_refunds.subtotal_amount, 0) + coalesce(line_refunds.tax_amount, 0)
        end as amount
    from {{ ref('stg_shopify__order_line_refunds') }} as line_refunds
    left join paid_lines
        on line_refunds.order_line_id = paid_lines.order_line_id
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
    where order_id is null or order_id not in (select withdrawn.order_id from withdrawn)
    group by refund_id
),

-- A refund without parts gave nothing back; parts without a refund row did.
given_back as (
    select
        coalesce(refunds.refund_id, amounts.refund_id) as refund_id,
        coalesce(refunds.order_id, amounts.order_id) as order_id,
        refunds.refunded_at,
        cast(coalesce(amounts.amount, 0) as decimal(18, 4)) as amount
    from refunds
    full outer join amounts
        on refunds.refund_id = amounts.refund_id
),

-- Lines may cost parts of a cent, but nobody is given any back.
final as (
    select
        given_back.refund_id,
        given_back.order_id,
        given_back.refunded_at,
        {{ rounded_money('given_back.amount', 'orders.currency') }} as refunded_amount
    from given_back
    left join {{ ref('stg_shopify__orders') }} as orders on given_back.order_id = orders.order_id
)

select
    refund_id,
    order_id,
    refunded_at,
    refunded_amount
from final
