{{ config(schema='intermediate', materialized='view') }}
{% set top = var('next_product_count') %}

with owned as (
    select * from {{ ref('int_scoped_customer_products') }}
    where scope = 'holdout'
),

buyers as (
    select distinct customer_id
    from {{ ref('int_later_products') }}
),

owned_groups as (
    select distinct
        customer_id,
        product_group_id
    from owned
),

counted as (
    select
        product_id,
        product_group_id,
        count(*) as buyer_count
    from owned
    where is_sold
    group by product_id, product_group_id
),

-- Of each article the size that most have, as suggestions have one of each.
popular as (
    select
        product_id,
        product_group_id,
        row_number() over (order by buyer_count desc, product_id) as popularity
    from (
        select *
        from counted
        qualify row_number() over (partition by product_group_id order by buyer_count desc, product_id) = 1
    ) as articles
),

holdings as (
    select
        customer_id,
        count(*) as article_count
    from owned_groups
    group by customer_id
),

-- Who has n articles needs no more than the first n beyond those that are suggested.
popular_unowned as (
    select
        buyers.customer_id,
        popular.product_id,
        row_number() over (partition by buyers.customer_id order by popular.popularity) as rank
    from buyers
    inner join holdings
        on buyers.customer_id = holdings.customer_id
    inner join popular
        on popular.popularity <= {{ top }} + holdings.article_count
    left join owned_groups
        on
            buyers.customer_id = owned_groups.customer_id
            and popular.product_group_id = owned_groups.product_group_id
    where owned_groups.product_group_id is null
),

final as (
    select
        customer_id,
        product_id
    from popular_unowned
    where rank <= {{ top }}
)

select * from final
