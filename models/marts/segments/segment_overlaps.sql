{# Customers are counted by their combination of segments first: there are few combinations, however many customers. #}
with sets as (
    select
        customer_id,
        segments
    from {{ ref('int_segment_sets') }}
    where segments <> ''
),

spent as (
    select distinct customer_id
    from {{ ref('segment_membership_history') }}
    where is_spent
),

memberships as (
    select
        memberships.customer_id,
        memberships.segment_name
    from {{ ref('segment_membership') }} as memberships
    inner join spent on memberships.customer_id = spent.customer_id
),

-- Only whose stay in a segment has expired is in fewer segments than they qualify for.
combined as (
    select
        sets.customer_id,
        sets.segments as combination
    from sets
    left join spent on sets.customer_id = spent.customer_id
    where spent.customer_id is null
    union all
    select
        customer_id,
        {{ sorted_list('segment_name') }} as combination
    from memberships
    group by customer_id
),

combinations as (
    select
        combination,
        count(*) as customer_count,
        row_number() over (order by combination) as combination_number
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
    {{ list_items('combinations', ['combination_number', 'customer_count'], 'combination', 'segment_name') }}
),

shared as (
    select
        parts.segment_name,
        others.segment_name as other_segment_name,
        sum(parts.customer_count) as shared_count
    from parts
    inner join parts as others
        on
            parts.combination_number = others.combination_number
            and parts.segment_name < others.segment_name
    group by parts.segment_name, others.segment_name
),

pairs as (
    select
        segment_name,
        other_segment_name,
        shared_count
    from shared
    union all
    select
        other_segment_name as segment_name,
        segment_name as other_segment_name,
        shared_count
    from shared
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
