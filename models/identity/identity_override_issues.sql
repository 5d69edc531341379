{#
    Manual decisions that are not honoured as they stand, and why: what cannot be used, what contradicts a later decision, and must-links
    that something stronger keeps apart.
#}
{%- set flaws = {
    'is_unknown_decision': 'the decision is neither must_link nor cannot_link',
    'is_record_missing': 'a record id is missing',
    'is_self_pair': 'both record ids are the same',
    'is_unknown_record': 'a record id is unknown',
    'is_unidentifiable_record': 'a record says nothing of a person',
    'is_decider_missing': 'decided_by is missing',
    'is_time_missing': 'decided_at is missing or not a time',
    'is_time_future': 'decided_at lies in the future',
    'is_reason_missing': 'the reason is missing',
    'is_expiry_unreadable': 'expires_at is not a time',
} -%}

with entries as (
    select * from {{ ref('identity_override_entries') }}
),

overrides as (
    select * from {{ ref('identity_overrides') }}
),

clusters as (
    select record_id, cluster_key from {{ ref('identity_clusters') }}
),

issues as (
    {% for flag, issue in flaws.items() %}
    select override_id, '{{ issue }}' as issue from entries
    where {{ flag }}
    union all
    {% endfor %}
    select override_id, 'a later decision about the pair, or a cannot-link of the same time, says the contrary' as issue from overrides
    where status = 'overruled'
    union all
    -- A cannot-link, a later must-link or the size limit is stronger.
    select overrides.override_id, 'a cannot-link or the size limit keeps the records apart' as issue
    from overrides
    inner join clusters as l on overrides.left_record_id = l.record_id
    inner join clusters as r on overrides.right_record_id = r.record_id
    where overrides.is_active and overrides.decision = 'must_link' and l.cluster_key <> r.cluster_key
),

final as (
    select
        issues.override_id,
        issues.issue,
        overrides.status,
        overrides.decision,
        overrides.left_record_id,
        overrides.right_record_id,
        overrides.decided_by,
        overrides.decided_at,
        overrides.origin
    from issues
    inner join overrides on issues.override_id = overrides.override_id
)

select * from final
