with pairs as (
    select *
    from {{ ref('int_product_pairs') }}
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
        pairs.product_id,
        products.product_name,
        cast(pairs.rank as integer) as rank,
        pairs.other_product_id,
        others.product_name as other_product_name,
        pairs.customer_count,
        pairs.buyer_count,
        pairs.other_buyer_count,
        pairs.both_count,
        pairs.confidence,
        pairs.lift,
        pairs.lift_lower
    from pairs
    left join products
        on pairs.product_id = products.product_id
    left join products as others
        on pairs.other_product_id = others.product_id
)

select * from final
