{{ config(enabled=var('shopify_enabled')) }}
-- What a refund gave back is what staging holds of it: its lines' subtotals, with the tax unless the price contained it, and its adjustments.
with parts as (
    select
        coalesce(line_refunds.refund_id, 'line:' || line_refunds.order_line_refund_id) as refund_id,
        lines.order_id,
        coalesce(line_refunds.subtotal_amount, 0) as least_amount,
        coalesce(line_refunds.tax_amount, 0) as tax_amount
    from {{ ref('stg_shopify__order_line_refunds') }} as line_refunds
    left join {{ ref('stg_shopify__order_lines') }} as lines
        on line_refunds.order_line_id = lines.order_line_id
    union all
    select
        coalesce(refund_id, 'adjustment:' || order_adjustment_id) as refund_id,
        order_id,
        -(coalesce(amount, 0) + coalesce(tax_amount, 0)) as least_amount,
        0 as tax_amount
    from {{ ref('stg_shopify__order_adjustments') }}
),

refunds as (
    select
        parts.refund_id,
        coalesce(bool_or({{ prices_contain_tax('orders') }}), false) as is_tax_included,
        sum(parts.least_amount) as least_amount,
        sum(parts.tax_amount) as tax_amount
    from parts
    left join {{ ref('stg_shopify__orders') }} as orders on parts.order_id = orders.order_id
    where parts.order_id is null or parts.order_id not in (select withdrawn.order_id from {{ ref('int_shopify_withdrawn_orders') }} as withdrawn)
    group by parts.refund_id
)

select
    refunds.refund_id,
    refunds.least_amount,
    refunds.tax_amount,
    given_back.refunded_amount
from refunds
left join {{ ref('int_shopify_refunds') }} as given_back on refunds.refund_id = given_back.refund_id
where
    given_back.refund_id is null
    -- Rounded to the hundredth.
    or given_back.refunded_amount < refunds.least_amount - 0.005
    or given_back.refunded_amount > refunds.least_amount + greatest(refunds.tax_amount, 0) + 0.005
    or (not refunds.is_tax_included and abs(given_back.refunded_amount - refunds.least_amount - refunds.tax_amount) > 0.005)
