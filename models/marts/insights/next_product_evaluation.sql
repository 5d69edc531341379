{% set top = var('next_product_count') %}

with owned as (
    select * from {{ ref('int_scoped_customer_products') }}
    where scope = 'holdout'
),

suggestions as (
    select
        customer_id,
        product_id
    from {{ ref('int_next_products') }}
    where scope = 'holdout'
),

known as (
    select distinct customer_id
    from suggestions
),

owned_groups as (
    select distinct
        customer_id,
        product_group_id
    from owned
),

-- First purchases after the cut, by customers who had bought before it; another size of what they had is no new product.
later as (
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
),

buyers as (
    select distinct customer_id
    from later
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

-- The baseline: what most others have bought, without what the customer has. Who has n articles needs no more than the first n beyond
-- those that are suggested.
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

judged as (
    select
        'co-purchase lift' as method,
        suggestions.customer_id,
        suggestions.product_id
    from suggestions
    inner join buyers
        on suggestions.customer_id = buyers.customer_id
    union all
    select
        'most bought' as method,
        customer_id,
        product_id
    from popular_unowned
    where rank <= {{ top }}
),

hits as (
    select
        judged.method,
        judged.customer_id,
        count(*) as suggestion_count,
        count(later.product_id) as hit_count
    from judged
    left join later
        on
            judged.customer_id = later.customer_id
            and judged.product_id = later.product_id
    group by judged.method, judged.customer_id
),

methods as (
    select 'co-purchase lift' as method
    union all
    select 'most bought' as method
),

measured as (
    select
        methods.method,
        count(hits.customer_id) as customer_count,
        coalesce(sum(hits.suggestion_count), 0) as suggestion_count,
        coalesce(sum(hits.hit_count), 0) as hit_count,
        cast(sum(hits.hit_count) as double) / nullif(sum(hits.suggestion_count), 0) as precision_share,
        cast(count(*) filter (where hits.hit_count > 0) as double) / nullif(count(hits.customer_id), 0) as hit_customer_share
    from methods
    left join hits
        on methods.method = hits.method
    group by methods.method
),

final as (
    select
        method,
        method = 'most bought' as is_baseline,
        {{ var('insights_holdout_days') }} as holdout_days,
        {{ top }} as suggestions_per_customer,
        customer_count,
        suggestion_count,
        hit_count,
        precision_share,
        hit_customer_share,
        case
            when method = 'co-purchase lift' then precision_share > max(case when method = 'most bought' then precision_share end) over ()
        end as is_better_than_baseline
    from measured
)

select
    method,
    is_baseline,
    holdout_days,
    suggestions_per_customer,
    cast(customer_count as bigint) as customer_count,
    cast(suggestion_count as bigint) as suggestion_count,
    cast(hit_count as bigint) as hit_count,
    precision_share,
    hit_customer_share,
    is_better_than_baseline
from final
