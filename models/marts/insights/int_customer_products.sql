{{ config(schema='intermediate', cluster_by='customer_id') }}

with as_of as (
    select {{ as_of() }} as as_of_at
),

customer_orders as (
    select
        orders.source_name,
        orders.source_order_id,
        orders.customer_id,
        cast(orders.ordered_at as date) as purchase_date
    from {{ ref('orders') }} as orders
    inner join as_of
        on orders.ordered_at <= as_of.as_of_at
    where
        orders.order_kind = 'sale'
        and orders.customer_id is not null
        and not orders.is_test
        and not orders.is_cancelled
),

order_lines as (
    {% if var('shopify_enabled') %}
    select
        'shopify' as source_name,
        order_id as source_order_id,
        -- The article number is what shop and tills have in common.
        coalesce(nullif(trim(sku), ''), 'shopify:' || product_id) as product_id,
        product_name,
        cast(null as {{ engine_type('varchar') }}) as category
    from {{ ref('stg_shopify__order_lines') }}
    where quantity > 0
    union all
    {% endif %}
    {% if var('pos_enabled') %}
    select
        'pos' as source_name,
        receipt_id as source_order_id,
        nullif(trim(sku), '') as product_id,
        product_name,
        category
    from {{ ref('stg_pos__receipt_lines') }}
    where quantity > 0
    union all
    {% endif %}
    -- Keeps the table typed when every source is switched off.
    {{ empty_rows({
        'source_name': 'varchar', 'source_order_id': 'varchar', 'product_id': 'varchar', 'product_name': 'varchar', 'category': 'varchar',
    }) }}
),

final as (
    select
        customer_orders.customer_id,
        order_lines.product_id,
        min(customer_orders.purchase_date) as first_purchase_date,
        max(order_lines.product_name) as product_name,
        max(order_lines.category) as category
    from customer_orders
    inner join order_lines
        on
            customer_orders.source_name = order_lines.source_name
            and customer_orders.source_order_id = order_lines.source_order_id
    where order_lines.product_id is not null
    group by customer_orders.customer_id, order_lines.product_id
)

select * from final
