{{ config(schema='intermediate', cluster_by='customer_id') }}

with as_of as (
    select {{ as_of() }} as as_of_at
),

customer_orders as (
    select
        orders.source_name,
        orders.source_order_id,
        orders.customer_id,
        orders.ordered_at,
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
        coalesce(sku, 'shopify:' || product_id) as product_id,
        'shopify:' || product_id as shop_product_id,
        product_name,
        cast(null as string) as category
    from {{ ref('stg_shopify__order_lines') }}
    where quantity > 0
    union all
    {% endif %}
    {% if var('pos_enabled') %}
    select
        'pos' as source_name,
        receipt_id as source_order_id,
        sku as product_id,
        cast(null as string) as shop_product_id,
        product_name,
        category
    from {{ ref('stg_pos__receipt_lines') }}
    where quantity > 0
    union all
    {% endif %}
    -- Keeps the table typed when every source is switched off.
    {{ empty_rows({
        'source_name': 'varchar', 'source_order_id': 'varchar', 'product_id': 'varchar', 'shop_product_id': 'varchar', 'product_name': 'varchar',
        'category': 'varchar',
    }) }}
),

bought as (
    select
        customer_orders.customer_id,
        customer_orders.ordered_at,
        customer_orders.purchase_date,
        order_lines.product_id,
        order_lines.shop_product_id,
        order_lines.product_name,
        order_lines.category
    from customer_orders
    inner join order_lines
        on
            customer_orders.source_name = order_lines.source_name
            and customer_orders.source_order_id = order_lines.source_order_id
    where order_lines.product_id is not null
),

-- As it was called and listed last, whoever bought it.
titles as (
    select
        product_id,
        product_name
    from (
        select
            product_id,
            product_name,
            max(ordered_at) as last_ordered_at
        from bought
        where product_name is not null
        group by product_id, product_name
    ) as titled
    qualify row_number() over (partition by product_id order by last_ordered_at desc, product_name) = 1
),

-- Article numbers are often those of a size or a colour; the shop knows what they are variants of.
variants as (
    select
        product_id,
        shop_product_id
    from (
        select
            product_id,
            shop_product_id,
            max(ordered_at) as last_ordered_at
        from bought
        where shop_product_id is not null
        group by product_id, shop_product_id
    ) as varied
    qualify row_number() over (partition by product_id order by last_ordered_at desc, shop_product_id) = 1
),

owned as (
    select
        customer_id,
        product_id,
        min(purchase_date) as first_purchase_date,
        max(purchase_date) as last_purchase_date,
        max(category) as category
    from bought
    group by customer_id, product_id
),

final as (
    select
        owned.customer_id,
        owned.product_id,
        coalesce(variants.shop_product_id, owned.product_id) as product_group_id,
        owned.first_purchase_date,
        owned.last_purchase_date,
        titles.product_name,
        owned.category
    from owned
    left join titles on owned.product_id = titles.product_id
    left join variants on owned.product_id = variants.product_id
)

select * from final
