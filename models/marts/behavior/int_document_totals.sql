{{ config(schema='intermediate', materialized='view') }}

{% set parts = [] %}
{% if var('shopify_enabled') %}{% do parts.append('shop') %}{% endif %}
{% if var('pos_enabled') %}{% do parts.append('till') %}{% endif %}

with
{% if 'shop' in parts %}
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
                then cast(coalesce(orders.tax_amount, 0) as double) / orders.total_amount
            else 0
        end as tax_share
    from {{ ref('stg_shopify__orders') }} as orders
    left join adjustments on orders.order_id = adjustments.order_id
),

{% endif %}
{% if 'till' in parts %}
till_documents as (
    select
        'pos:' || receipt_id as order_id,
        total_amount - coalesce(tax_amount, 0) as goods_amount,
        cast(0 as decimal(18, 4)) as adjustment_amount,
        cast(0 as double) as tax_share
    from {{ ref('stg_pos__receipts') }}
),

{% endif %}
final as (
    {% for part in parts %}
    select * from {{ part }}_documents
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({
        'order_id': 'varchar', 'goods_amount': 'decimal(18, 4)', 'adjustment_amount': 'decimal(18, 4)', 'tax_share': 'double',
    }) }}
    {% endfor %}
)

select * from final
