{% set parts = [] %}
{% if var('shopify_enabled') %}{% do parts.append('shop_lines') %}{% endif %}
{% if var('pos_enabled') %}{% do parts.append('till_lines') %}{% endif %}

with orders as (
    select * from {{ ref('orders') }}
),

{% if var('shopify_enabled') %}
products as (
    select
        product_id,
        product_type
    from {{ ref('stg_shopify__products') }}
),

shop_lines as (
    select
        'shopify:' || lines.order_line_id as order_line_id,
        'shopify:' || lines.order_id as order_id,
        'shopify:orphan:' || coalesce(lines.order_id, 'unknown') as orphan_order_id,
        lines.product_id,
        lines.sku,
        lines.product_name,
        products.product_type as product_category,
        lines.quantity,
        lines.unit_price,
        lines.discount_amount,
        lines.quantity * lines.unit_price - coalesce(lines.discount_amount, 0) as line_amount
    from {{ ref('stg_shopify__order_lines') }} as lines
    left join products on lines.product_id = products.product_id
),

{% endif %}
{% if var('pos_enabled') %}
till_lines as (
    select
        'pos:' || receipt_id || ':' || line_number as order_line_id,
        'pos:' || receipt_id as order_id,
        'pos:orphan:' || coalesce(receipt_id, 'unknown') as orphan_order_id,
        cast(null as {{ engine_type('varchar') }}) as product_id,
        sku,
        product_name,
        category as product_category,
        quantity,
        unit_price,
        discount_amount,
        coalesce(line_amount, quantity * unit_price - coalesce(discount_amount, 0)) as line_amount
    from {{ ref('stg_pos__receipt_lines') }}
),

{% endif %}
lines as (
    {% for part in parts %}
    select * from {{ part }}
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({
        'order_line_id': 'varchar', 'order_id': 'varchar', 'orphan_order_id': 'varchar', 'product_id': 'varchar', 'sku': 'varchar',
        'product_name': 'varchar', 'product_category': 'varchar', 'quantity': 'decimal(18, 3)', 'unit_price': 'decimal(18, 4)',
        'discount_amount': 'decimal(18, 4)', 'line_amount': 'decimal(18, 4)',
    }) }}
    {% endfor %}
),

-- Lines whose order never arrived hang on the row that stands for it in orders.
final as (
    select
        lines.*,
        coalesce(orders.order_id, lines.orphan_order_id) as found_order_id,
        orders.source_name,
        orders.customer_id,
        orders.ordered_at,
        orders.currency,
        orders.is_cancelled,
        orders.is_test
    from lines
    left join orders on lines.order_id = orders.order_id
)

select
    order_line_id,
    found_order_id as order_id,
    coalesce(source_name, case when order_line_id like 'pos:%' then 'pos' else 'shopify' end) as source_name,
    customer_id,
    ordered_at,
    product_id,
    sku,
    product_name,
    product_category,
    cast(quantity as decimal(18, 3)) as quantity,
    cast(unit_price as decimal(18, 4)) as unit_price,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(line_amount as decimal(18, 4)) as line_amount,
    currency,
    coalesce(is_cancelled, false) as is_cancelled,
    coalesce(is_test, false) as is_test
from final
