{#
    Why ids were merged in this run: the strongest link between the records of the id that ended and the other records of the customer.
    A strong identifier comes before any weight.
#}
with ended_ids as (
    select old_customer_id, new_customer_id, cluster_key from {{ ref('identity_id_transitions') }}
    where event_type = 'merged'
),

members as (
    select
        touched.record_key,
        touched.record_id,
        touched.cluster_key,
        touched.old_customer_id
    from {{ ref('identity_id_touched') }} as touched
    where touched.cluster_key in (select ended_ids.cluster_key from ended_ids)
),

links as (
    select
        left_key,
        right_key,
        identifier_type,
        cast(null as double) as match_weight
    from {{ ref('identity_strong_links') }}
    where not is_over_limit
    union all
    select
        left_key,
        right_key,
        cast(null as string) as identifier_type,
        match_weight
    from {{ ref('identity_scored_pairs') }}
),

-- Both directions, because either end may be of the id that was merged.
member_links as (
    select
        l.cluster_key,
        l.old_customer_id as left_customer_id,
        r.old_customer_id as right_customer_id,
        l.record_id as left_record_id,
        r.record_id as right_record_id,
        links.identifier_type,
        links.match_weight
    from links
    inner join members as l on links.left_key = l.record_key
    inner join members as r on links.right_key = r.record_key
    where l.cluster_key = r.cluster_key and l.old_customer_id is distinct from r.old_customer_id
),

directed_links as (
    select
        cluster_key,
        left_customer_id as old_customer_id,
        right_customer_id is null as is_to_new_record,
        left_record_id,
        right_record_id,
        identifier_type,
        match_weight
    from member_links
    union all
    select
        cluster_key,
        right_customer_id as old_customer_id,
        left_customer_id is null as is_to_new_record,
        left_record_id,
        right_record_id,
        identifier_type,
        match_weight
    from member_links
),

merge_links as (
    select
        ended_ids.old_customer_id,
        ended_ids.new_customer_id,
        directed_links.is_to_new_record,
        directed_links.left_record_id,
        directed_links.right_record_id,
        directed_links.identifier_type,
        directed_links.match_weight,
        directed_links.identifier_type is not null
        or directed_links.match_weight >= {{ var('identity_threshold') }} as is_match
    from ended_ids
    inner join directed_links
        on ended_ids.cluster_key = directed_links.cluster_key and ended_ids.old_customer_id = directed_links.old_customer_id
),

strongest as (
    select
        old_customer_id,
        least(left_record_id, right_record_id) || ' ~ ' || greatest(left_record_id, right_record_id) || ', '
        || coalesce(
            identifier_type, cast(cast(round(match_weight, 1) as decimal(18, 1)) as string) || ' bits'
        ) as cause_detail
    from merge_links
    qualify row_number() over (
        partition by old_customer_id
        order by
            case when identifier_type is null then 1 else 0 end,
            match_weight desc nulls last,
            identifier_type,
            least(left_record_id, right_record_id),
            greatest(left_record_id, right_record_id)
    ) = 1
),

-- An id that only records which are gone stood for, with the first of those that say where it went.
merges_in_source as (
    select
        touched.old_customer_id,
        touched.cluster_key,
        min(touched.record_id || ' ~ ' || successors.successor_record_id || ', merged in the source') as cause_detail
    from {{ ref('identity_id_touched') }} as touched
    inner join {{ ref('identity_id_successors') }} as successors on touched.record_id = successors.record_id
    where touched.is_gone and touched.cluster_key is not null
    group by touched.old_customer_id, touched.cluster_key
),

kinds as (
    select
        old_customer_id,
        bool_or(identifier_type = 'manual decision') as is_manual,
        bool_or(identifier_type is not null and not is_to_new_record) as is_strong,
        bool_or(is_match and is_to_new_record) as is_by_new_record
    from merge_links
    group by old_customer_id
),

final as (
    select
        ended_ids.old_customer_id,
        ended_ids.new_customer_id,
        case
            when merges_in_source.old_customer_id is not null then 'merged in the source'
            when kinds.is_manual then 'manual decision'
            when kinds.is_strong then 'strong identifier'
            when kinds.is_by_new_record then 'new records'
            else 'changed evidence'
        end as cause,
        coalesce(merges_in_source.cause_detail, strongest.cause_detail) as cause_detail
    from ended_ids
    left join kinds on ended_ids.old_customer_id = kinds.old_customer_id
    left join merges_in_source
        on ended_ids.old_customer_id = merges_in_source.old_customer_id and ended_ids.cluster_key = merges_in_source.cluster_key
    left join strongest on ended_ids.old_customer_id = strongest.old_customer_id
)

select * from final
