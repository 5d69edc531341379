{{ config(enabled=var('consent_enabled')) }}

with preference_events as (

    select * from {{ raw_rows('consent', 'preference_event', normalized=true) }} as preference_events

),

final as (

    select
        event_id,
        lower(identifier_type) as identifier_type,
        identifier,
        lower(purpose) as purpose,
        lower(channel) as channel,
        lower(state) as state,
        lawful_basis,
        event_at,
        received_at,
        country,
        notice_id,
        notice_version,
        "language",
        collection_point,
        method,
        actor,
        evidence_ref,
        valid_until
    from preference_events

)

select
    event_id,
    identifier_type,
    identifier,
    purpose,
    channel,
    state,
    lawful_basis,
    event_at,
    received_at,
    country,
    notice_id,
    notice_version,
    "language",
    collection_point,
    method,
    actor,
    evidence_ref,
    valid_until
from final
