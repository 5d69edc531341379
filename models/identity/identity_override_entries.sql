{#
    Manual decisions as they were written down, read as far as they can be: from the seed, and from the table that people write to.
    Nothing is left out here; what is wrong with an entry stands in is_..., and what follows from it in identity_overrides.
#}
{%- set relation = var('identity_overrides_relation') -%}
{%- set columns = ['decision', 'left_record_id', 'right_record_id', 'decided_by', 'decided_at', 'reason', 'expires_at'] -%}

with entries as (
    select
        {%- for column in columns %}
        nullif(trim(cast({{ column }} as string)), '') as {{ column }},
        {%- endfor %}
        'seed' as origin
    from {{ ref('identity_override_decisions') }}
    {%- if relation %}
    union all
    select
        {%- for column in columns %}
        nullif(trim(cast({{ column }} as string)), '') as {{ column }},
        {%- endfor %}
        'relation' as origin
    from {{ relation }}
    {%- endif %}
),

-- An entry written down twice is one entry. It is known by what it says, so that nobody has to number the decisions.
distinct_entries as (
    select
        {{ stable_key(columns) }} as override_id,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        min(origin) as origin,
        count(*) as entry_count
    from entries
    group by {{ columns | join(', ') }}
),

records as (
    select record_id, is_identifiable from {{ ref('identity_records') }}
),

final as (
    select
        distinct_entries.override_id,
        distinct_entries.origin,
        distinct_entries.entry_count,
        lower(distinct_entries.decision) as decision,
        -- Unordered: the pair has one spelling. Engines differ on the lesser of a text and nothing.
        case
            when distinct_entries.right_record_id < distinct_entries.left_record_id then distinct_entries.right_record_id
            else distinct_entries.left_record_id
        end as left_record_id,
        case
            when distinct_entries.right_record_id < distinct_entries.left_record_id then distinct_entries.left_record_id
            else distinct_entries.right_record_id
        end as right_record_id,
        distinct_entries.decided_by,
        {{ iso_text_to_timestamp('distinct_entries.decided_at') }} as decided_at,
        distinct_entries.reason,
        {{ iso_text_to_timestamp('distinct_entries.expires_at') }} as expires_at,
        coalesce(lower(distinct_entries.decision) not in ('must_link', 'cannot_link'), true) as is_unknown_decision,
        distinct_entries.left_record_id is null or distinct_entries.right_record_id is null as is_record_missing,
        coalesce(distinct_entries.left_record_id = distinct_entries.right_record_id, false) as is_self_pair,
        (distinct_entries.left_record_id is not null and l.record_id is null)
        or (distinct_entries.right_record_id is not null and r.record_id is null) as is_unknown_record,
        coalesce(not l.is_identifiable, false) or coalesce(not r.is_identifiable, false) as is_unidentifiable_record,
        distinct_entries.decided_by is null as is_decider_missing,
        {{ iso_text_to_timestamp('distinct_entries.decided_at') }} is null as is_time_missing,
        -- It would overrule every decision until that day comes.
        coalesce({{ iso_text_to_timestamp('distinct_entries.decided_at') }} > {{ tomorrow() }}, false) as is_time_future,
        distinct_entries.reason is null as is_reason_missing,
        distinct_entries.expires_at is not null
        and {{ iso_text_to_timestamp('distinct_entries.expires_at') }} is null as is_expiry_unreadable
    from distinct_entries
    left join records as l on distinct_entries.left_record_id = l.record_id
    left join records as r on distinct_entries.right_record_id = r.record_id
)

select * from final
