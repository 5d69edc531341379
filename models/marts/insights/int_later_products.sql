{{ config(schema='intermediate') }}

with known as (
    select distinct customer_id
    from {{ ref('int_next_products') }}
    where scope = 'holdout'
),

owned_groups as (
    select distinct
        customer_id,
        product_group_id
    from {{ ref('int_scoped_customer_products') }}
    where scope = 'holdout'
),

-- Another size of what they had is no new product.
final as (
    select distinct
        products.customer_id,
        products.product_id
    from {{ ref('int_customer_products') }} as products
    inner join known
        on products.customer_id = known.customer_id
    left join owned_groups
        on
            products.customer_id = owned_groups.customer_id
            and products.product_group_id = owned_groups.product_group_id
    where owned_groups.product_group_id is null
)

select * from final
