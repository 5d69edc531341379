{{ config(enabled=var('consent_enabled'), cluster_by='identifier') }}

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
        -- Nothing is said after it arrived: what claims to be is the time of a wrong clock.
        case when event_at > received_at then received_at else event_at end as event_at,
        received_at,
        country,
        notice_id,
        notice_version,
        language,
        collection_point,
        method,
        actor,
        evidence_ref,
        valid_until
    from preference_events

)

select * from final
