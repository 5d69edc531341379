-- To the penny, per source and currency: what staging holds is what `orders` holds. Counts documents, gross, refunds, units.
with expected as (
    {% if var('shopify_enabled') %}
    select
        'shopify' as source_name,
        currency,
        count(*) as documents,
        coalesce(sum(total_amount), 0) as gross_amount,
        0 as refunded_amount,
        0 as units
    from {{ ref('stg_shopify__orders') }}
    group by currency
    union all
    select
        'shopify' as source_name,
        o.currency,
        0 as documents,
        coalesce(sum(case when o.total_amount is null then {{ rounded_money('l.amount', 'o.currency') }} end), 0) as gross_amount,
        0 as refunded_amount,
        coalesce(sum(l.units), 0) as units
    from (
        select
            order_id,
            sum(quantity) as units,
            sum(quantity * unit_price - coalesce(discount_amount, 0)) as amount
        from {{ ref('stg_shopify__order_lines') }}
        where order_id is null or order_id not in (select w.order_id from {{ ref('int_shopify_withdrawn_orders') }} as w)
        group by order_id
    ) as l
    left join {{ ref('stg_shopify__orders') }} as o
        on l.order_id = o.order_id
    group by o.currency
    union all
    select
        'shopify' as source_name,
        'refunds' as currency,
        0 as documents,
        0 as gross_amount,
        coalesce(sum(refunded_amount), 0) as refunded_amount,
        0 as units
    from {{ ref('int_shopify_refunds') }}
    union all
    {% endif %}
    {% if var('pos_enabled') %}
    select
        'pos' as source_name,
        currency,
        count(*) as documents,
        coalesce(sum(total_amount), 0) as gross_amount,
        0 as refunded_amount,
        0 as units
    from {{ ref('stg_pos__receipts') }}
    group by currency
    union all
    select
        'pos' as source_name,
        r.currency,
        0 as documents,
        coalesce(sum(case when r.total_amount is null then {{ rounded_money('l.amount', 'r.currency') }} end), 0) as gross_amount,
        0 as refunded_amount,
        coalesce(sum(l.units), 0) as units
    from (
        select
            receipt_id,
            sum(quantity) as units,
            sum(coalesce(line_amount, quantity * unit_price - coalesce(discount_amount, 0))) as amount
        from {{ ref('stg_pos__receipt_lines') }}
        group by receipt_id
    ) as l
    left join {{ ref('stg_pos__receipts') }} as r
        on l.receipt_id = r.receipt_id
    group by r.currency
    union all
    {% endif %}
    select
        source_name,
        currency,
        -count(*) filter (where order_id not like '%:orphan:%' and order_kind <> 'refund') as documents,
        -coalesce(sum(gross_amount), 0) as gross_amount,
        0 as refunded_amount,
        -coalesce(sum(units), 0) as units
    from {{ ref('orders') }}
    group by source_name, currency
    union all
    select
        source_name,
        'refunds' as currency,
        0 as documents,
        0 as gross_amount,
        -coalesce(sum(refunded_amount), 0) as refunded_amount,
        0 as units
    from {{ ref('orders') }}
    group by source_name
)

select
    source_name,
    currency,
    sum(documents) as documents_missing,
    sum(gross_amount) as gross_amount_missing,
    sum(refunded_amount) as refunded_amount_missing,
    sum(units) as units_missing
from expected
group by source_name, currency
having
    sum(documents) <> 0
    or sum(gross_amount) <> 0
    or sum(refunded_amount) <> 0
    or sum(units) <> 0
