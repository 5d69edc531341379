{#
    Must-links: pairs of records that are one person whatever else they say, by a strong identifier or by a manual decision. What a value
    over its limit ties is kept with is_over_limit and links nobody; pairs that a shared value is not believed for are cannot-links.
#}
with identifier_links as (
    select
        left_key,
        right_key,
        identifier_type,
        record_count,
        is_over_limit,
        agreement_bits as strength,
        false as is_manual
    from {{ ref('identity_identifier_pairs') }}
    where not is_contradicted
),

features as (
    select record_key, record_id from {{ ref('identity_features') }}
),

decisions as (
    select
        left_record_id,
        right_record_id,
        row_number() over (order by decided_at, override_id) as place
    from {{ ref('identity_overrides') }}
    where is_active and decision = 'must_link'
),

manual_links as (
    select
        least(l.record_key, r.record_key) as left_key,
        greatest(l.record_key, r.record_key) as right_key,
        'manual decision' as identifier_type,
        cast(2 as bigint) as record_count,
        false as is_over_limit,
        cast(decisions.place as double) as strength,
        true as is_manual
    from decisions
    inner join features as l on decisions.left_record_id = l.record_id
    inner join features as r on decisions.right_record_id = r.record_id
),

final as (
    select * from identifier_links
    union all
    select * from manual_links
)

select * from final
