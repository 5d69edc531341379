with later as (
    select * from {{ ref('int_later_products') }}
),

buyers as (
    select distinct customer_id
    from later
),

judged as (
    select
        'co-purchase lift' as method,
        suggestions.customer_id,
        suggestions.product_id
    from {{ ref('int_next_products') }} as suggestions
    inner join buyers
        on suggestions.customer_id = buyers.customer_id
    where suggestions.scope = 'holdout'
    union all
    select
        'most bought' as method,
        customer_id,
        product_id
    from {{ ref('int_popular_products') }}
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
        {{ var('next_product_count') }} as suggestions_per_customer,
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
