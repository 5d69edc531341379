{{ config(schema='intermediate', materialized='view') }}

{% set parts = [] %}
{% if var('shopify_enabled') %}{% do parts.append('shop') %}{% endif %}
{% if var('pos_enabled') %}{% do parts.append('till') %}{% endif %}

with
{% if 'shop' in parts %}
-- Lines of an order that the shop has deleted.
withdrawn as (
    select order_id from {{ ref('int_shopify_withdrawn_orders') }}
),

products as (
    select
        product_id,
        product_type
    from {{ ref('stg_shopify__products') }}
),

-- Goods that were not put back into stock are gone; where nobody says, so they are.
line_refunds as (
    select
        order_line_id,
        sum(subtotal_amount) as refunded_amount,
        sum(quantity) as refunded_quantity,
        sum(case when lower(restock_type) in ('return', 'cancel', 'legacy_restock') then quantity else 0 end) as returned_quantity
    from {{ ref('stg_shopify__order_line_refunds') }}
    group by order_line_id
),

shop_lines as (
    select
        'shopify:' || lines.order_line_id as order_line_id,
        'shopify:' || lines.order_id as order_id,
        'shopify:orphan:' || coalesce(lines.order_id, 'unknown') as orphan_order_id,
        lines.product_id,
        lines.variant_id,
        lines.sku,
        lines.product_name,
        lines.variant_title,
        products.product_type as product_category,
        lines.quantity,
        lines.unit_price,
        lines.discount_amount,
        {{ line_amount('lines') }} as line_amount,
        line_refunds.refunded_amount,
        line_refunds.refunded_quantity,
        line_refunds.returned_quantity
    from {{ ref('stg_shopify__order_lines') }} as lines
    left join withdrawn on lines.order_id = withdrawn.order_id
    left join products on lines.product_id = products.product_id
    left join line_refunds on lines.order_line_id = line_refunds.order_line_id
    where withdrawn.order_id is null
),

-- Money given back or kept for the goods as a whole; Shopify books it from the shop's side. Shipping is no matter of goods.
adjustments as (
    select
        order_id,
        sum(amount) as amount
    from {{ ref('stg_shopify__order_adjustments') }}
    where lower(coalesce(kind, '')) <> 'shipping_refund'
    group by order_id
),

shop_documents as (
    select
        'shopify:' || orders.order_id as order_id,
        orders.subtotal_amount as goods_amount,
        coalesce(adjustments.amount, 0) as adjustment_amount,
        case
            when orders.total_amount > 0 and {{ prices_contain_tax('orders') }}
                then coalesce(orders.tax_amount, 0) / orders.total_amount
            else 0
        end as tax_share
    from {{ ref('stg_shopify__orders') }} as orders
    left join adjustments on orders.order_id = adjustments.order_id
),

{% endif %}
{% if 'till' in parts %}
till_lines as (
    select
        'pos:' || receipt_id || ':' || line_number as order_line_id,
        'pos:' || receipt_id as order_id,
        'pos:orphan:' || coalesce(receipt_id, 'unknown') as orphan_order_id,
        cast(null as {{ engine_type('varchar') }}) as product_id,
        cast(null as {{ engine_type('varchar') }}) as variant_id,
        sku,
        product_name,
        cast(null as {{ engine_type('varchar') }}) as variant_title,
        category as product_category,
        quantity,
        unit_price,
        discount_amount,
        coalesce(line_amount, {{ line_amount('lines') }}) as line_amount,
        -- What is brought back to a till is a document of its own.
        cast(null as decimal(18, 4)) as refunded_amount,
        cast(null as decimal(18, 3)) as refunded_quantity,
        cast(null as decimal(18, 3)) as returned_quantity
    from {{ ref('stg_pos__receipt_lines') }} as lines
),

till_documents as (
    select
        'pos:' || receipt_id as order_id,
        total_amount - coalesce(tax_amount, 0) as goods_amount,
        0 as adjustment_amount,
        0 as tax_share
    from {{ ref('stg_pos__receipts') }}
),

{% endif %}
lines as (
    {% for part in parts %}
    select * from {{ part }}_lines
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({
        'order_line_id': 'varchar', 'order_id': 'varchar', 'orphan_order_id': 'varchar', 'product_id': 'varchar', 'variant_id': 'varchar',
        'sku': 'varchar', 'product_name': 'varchar', 'variant_title': 'varchar', 'product_category': 'varchar',
        'quantity': 'decimal(18, 3)', 'unit_price': 'decimal(18, 4)', 'discount_amount': 'decimal(18, 4)', 'line_amount': 'decimal(18, 4)',
        'refunded_amount': 'decimal(18, 4)', 'refunded_quantity': 'decimal(18, 3)', 'returned_quantity': 'decimal(18, 3)',
    }) }}
    {% endfor %}
),

documents as (
    {% for part in parts %}
    select * from {{ part }}_documents
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({
        'order_id': 'varchar', 'goods_amount': 'decimal(18, 4)', 'adjustment_amount': 'decimal(18, 4)', 'tax_share': 'double',
    }) }}
    {% endfor %}
),

line_sums as (
    select
        order_id,
        sum(line_amount) as lines_amount
    from lines
    group by order_id
),

-- Discounts on the whole document and contained tax lower every line alike; nothing raises one.
goods_shares as (
    select
        documents.order_id,
        case
            when line_sums.lines_amount = 0 then 1 - documents.tax_share
            else least(1, greatest(0,
                coalesce(documents.goods_amount, line_sums.lines_amount) * (1 - documents.tax_share) / line_sums.lines_amount
            ))
        end as goods_share,
        coalesce(documents.adjustment_amount * (1 - documents.tax_share) / nullif(line_sums.lines_amount, 0), 0) as adjustment_share,
        -- What the lines cost after discounts on the whole document, in the terms that refunds are booked in.
        {{ paid_share('documents.goods_amount', 'line_sums.lines_amount') }} as paid_share
    from documents
    inner join line_sums on documents.order_id = line_sums.order_id
),

final as (
    select
        lines.*,
        cast(lines.line_amount * coalesce(goods_shares.goods_share, 1) as decimal(28, 4)) as sold_amount,
        lines.line_amount * coalesce(goods_shares.adjustment_share, 0) as adjusted_amount,
        -- By amounts, because it is not told whether that of a refund contains tax: no more than the line brought can be given back for it.
        coalesce(least(1, greatest(0, case
            when lines.line_amount > 0 then cast(lines.refunded_amount as double) / nullif(lines.line_amount * coalesce(goods_shares.paid_share, 1), 0)
            when lines.quantity > 0 then cast(lines.refunded_quantity as double) / lines.quantity
        end)), 0) as refunded_share,
        least(greatest(lines.quantity, 0), greatest(coalesce(lines.returned_quantity, 0), 0)) as units_returned
    from lines
    left join goods_shares on lines.order_id = goods_shares.order_id
)

select
    order_line_id,
    order_id,
    orphan_order_id,
    product_id,
    variant_id,
    sku,
    product_name,
    variant_title,
    product_category,
    quantity,
    unit_price,
    discount_amount,
    line_amount,
    sold_amount,
    cast(sold_amount * (1 - refunded_share) + adjusted_amount as decimal(28, 4)) as revenue_amount,
    cast(units_returned as decimal(18, 3)) as returned_quantity
from final
