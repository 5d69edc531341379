{{ config(schema='intermediate', cluster_by='customer_id') }}

with purchases as (
    select distinct
        customer_id,
        source_name,
        order_id,
        ordered_at,
        lower(trim(product_category)) as category_key,
        trim(product_category) as category
    from {{ ref('order_lines') }}
    where
        customer_id is not null
        and trim(product_category) <> ''
        and quantity > 0
        and not is_test
        and not is_cancelled
),

totals as (
    select
        customer_id,
        count(distinct order_id) as order_count
    from purchases
    group by customer_id
),

counted as (
    select
        customer_id,
        category_key,
        min(category) as category,
        count(distinct order_id) as order_count,
        max(ordered_at) as last_order_at
    from purchases
    group by customer_id, category_key
),

favourites as (
    select
        customer_id,
        category,
        order_count
    from counted
    qualify row_number() over (partition by customer_id order by order_count desc, last_order_at desc nulls last, category_key) = 1
),

final as (
    select
        favourites.customer_id,
        favourites.category as favourite_category,
        cast(favourites.order_count as bigint) as favourite_category_orders,
        favourites.order_count / cast(totals.order_count as double) as favourite_category_share
    from favourites
    inner join totals on favourites.customer_id = totals.customer_id
)

select
    customer_id,
    favourite_category,
    favourite_category_orders,
    favourite_category_share
from final
