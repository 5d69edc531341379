{# Customers are counted by their combination of segments first: there are few combinations, however many customers. #}
with memberships as (
    select * from {{ ref('segment_membership') }}
),

combined as (
    select
        customer_id,
        {{ sorted_list('segment_name') }} as combination
    from memberships
    group by customer_id
),

combinations as (
    select
        combination,
        count(*) as customer_count
    from combined
    group by combination
),

sizes as (
    select
        segment_name,
        member_count
    from {{ ref('segments') }}
),

parts as (
    select
        combinations.combination,
        combinations.customer_count,
        sizes.segment_name
    from combinations
    inner join sizes on ', ' || combinations.combination || ',' like '%, ' || sizes.segment_name || ',%'
),

pairs as (
    select
        parts.segment_name,
        others.segment_name as other_segment_name,
        sum(parts.customer_count) as shared_count
    from parts
    inner join parts as others on parts.combination = others.combination and parts.segment_name <> others.segment_name
    group by parts.segment_name, others.segment_name
),

final as (
    select
        pairs.segment_name,
        pairs.other_segment_name,
        cast(pairs.shared_count as bigint) as shared_count,
        pairs.shared_count / cast(sizes.member_count as double) as share_of_segment,
        pairs.shared_count / cast(sizes.member_count + other_sizes.member_count - pairs.shared_count as double) as jaccard_index
    from pairs
    inner join sizes on pairs.segment_name = sizes.segment_name
    inner join sizes as other_sizes on pairs.other_segment_name = other_sizes.segment_name
)

select * from final
