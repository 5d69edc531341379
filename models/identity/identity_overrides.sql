{#
    Manual decisions and what becomes of them in this run. Of several decisions about a pair the latest that has not expired counts;
    of two of the same time the one that keeps the records apart, because a wrong merge is harder to undo.
#}
with entries as (
    select
        *,
        is_unknown_decision or is_record_missing or is_self_pair or is_unknown_record or is_unidentifiable_record
        or is_decider_missing or is_time_missing or is_time_future or is_reason_missing or is_expiry_unreadable as is_invalid,
        coalesce(
            expires_at
            <= {{ "cast('" ~ var('as_of') ~ "' as timestamp)" if var('as_of') else zoned_to_utc(dbt.current_timestamp()) }},
            false
        ) as is_expired
    from {{ ref('identity_override_entries') }}
),

ranked as (
    select
        override_id,
        row_number() over latest as place,
        first_value(decision) over latest as latest_decision
    from entries
    where not is_invalid and not is_expired
    window latest as (
        partition by left_record_id, right_record_id
        order by decided_at desc, decision, override_id
    )
),

final as (
    select
        entries.override_id,
        entries.decision,
        entries.left_record_id,
        entries.right_record_id,
        entries.decided_by,
        entries.decided_at,
        entries.reason,
        entries.expires_at,
        entries.origin,
        entries.entry_count,
        case
            when entries.is_invalid then 'invalid'
            when entries.is_expired then 'expired'
            when ranked.place = 1 then 'active'
            when ranked.latest_decision = entries.decision then 'superseded'
            else 'overruled'
        end as status,
        coalesce(ranked.place = 1, false) as is_active
    from entries
    left join ranked on entries.override_id = ranked.override_id
)

select * from final
