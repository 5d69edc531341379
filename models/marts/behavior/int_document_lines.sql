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

{% endif %}
{% if 'till' in parts %}
till_lines as (
    select
        'pos:' || receipt_id || ':' || line_number as order_line_id,
        'pos:' || receipt_id as order_id,
        'pos:orphan:' || coalesce(receipt_id, 'unknown') as orphan_order_id,
        cast(null as string) as product_id,
        cast(null as string) as variant_id,
        sku,
        product_name,
        cast(null as string) as variant_title,
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

{% endif %}
final as (
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
)

select * from final
