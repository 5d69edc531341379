{{ config(cluster_by='customer_id') }}

with next_products as (
    select *
    from {{ ref('int_next_products') }}
    where scope = 'full'
),

products as (
    select
        product_id,
        max(product_name) as product_name
    from {{ ref('int_customer_products') }}
    group by product_id
),

final as (
    select
        next_products.customer_id,
        cast(next_products.rank as integer) as rank,
        next_products.product_id,
        products.product_name,
        next_products.because_product_id,
        reasons.product_name as because_product_name,
        next_products.lift,
        next_products.lift_lower,
        next_products.both_count
    from next_products
    left join products
        on next_products.product_id = products.product_id
    left join products as reasons
        on next_products.because_product_id = reasons.product_id
)

select * from final
