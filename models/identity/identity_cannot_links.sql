{#
    Cannot-links: pairs of records that manual decisions keep apart, whatever links them, and pairs that share a strong identifier but
    plainly disagree as persons, which no must-link may join. What else such a pair has in common still counts as evidence.
#}
with disagreements as (
    select left_key, right_key, 'plain disagreement' as reason, false as is_absolute
    from {{ ref('identity_identifier_pairs') }}
    where is_contradicted
    group by left_key, right_key
),

features as (
    select record_key, record_id from {{ ref('identity_features') }}
),

decisions as (
    select
        least(l.record_key, r.record_key) as left_key,
        greatest(l.record_key, r.record_key) as right_key,
        'manual decision' as reason,
        true as is_absolute
    from {{ ref('identity_overrides') }} as overrides
    inner join features as l on overrides.left_record_id = l.record_id
    inner join features as r on overrides.right_record_id = r.record_id
    where overrides.is_active and overrides.decision = 'cannot_link'
),

final as (
    select * from disagreements
    union all
    select * from decisions
)

select * from final
