{#- Three candidates per identifier are compared instead of sorting the ledger; each carries only what the comparison needs. -#}
{% set candidate = record({'event_at': 'event_at', 'strictness': strictness('state'), 'event_id': 'event_id'}) %}

with events as (
    select * from {{ ref('consent_events') }}
),

purposes_channels as (
    select purpose_code, channel
    from {{ ref('purposes_channels') }}
),

-- "Any channel" is an answer about each channel the purpose is sent over.
signals as (
    select events.*, purposes_channels.channel as decided_channel
    from events
    inner join purposes_channels
        on
            events.purpose_code = purposes_channels.purpose_code
            and (events.channel = purposes_channels.channel or events.channel = 'any')
),

weighed as (
    select
        identifier_type,
        identifier,
        purpose_code,
        decided_channel as channel,
        max(case when state <> 'granted' then {{ candidate }} end) as latest_other,
        max(case when state = 'granted' and is_explicit then {{ candidate }} end) as latest_explicit_grant,
        max(case when state = 'granted' then {{ candidate }} end) as latest_grant,
        max(case when is_explicit and {{ is_refusal('state') }} then event_at end) as last_explicit_refusal_at,
        max(case when signal_source = 'gpc' then event_at end) as last_gpc_at,
        max(case when is_explicit and is_specific and state = 'granted' then event_at end) as last_specific_grant_at
    from signals
    group by identifier_type, identifier, purpose_code, decided_channel
),

judged as (
    select
        *,
        (latest_grant).event_at as last_grant_at,
        -- Rule 6: only a later answer that names the purpose lifts the browser's signal.
        last_gpc_at is not null and (last_specific_grant_at is null or last_gpc_at >= last_specific_grant_at) as has_standing_gpc,
        -- Rule 2: an explicit refusal stands until the person themselves agrees again.
        last_explicit_refusal_at is not null
        and (latest_explicit_grant is null or last_explicit_refusal_at >= (latest_explicit_grant).event_at) as has_standing_refusal
    from weighed
),

eligible as (
    select
        *,
        case
            when has_standing_gpc then null
            when has_standing_refusal then latest_explicit_grant
            else latest_grant
        end as eligible_grant
    from judged
),

-- Rule 2: the latest wins; at the same time the grant loses.
decided as (
    select
        *,
        case
            when latest_other is null or (eligible_grant).event_at > (latest_other).event_at then eligible_grant
            else latest_other
        end as decision
    from eligible
),

final as (
    select
        decided.identifier_type,
        decided.identifier,
        decided.purpose_code,
        decided.channel,
        decided.last_grant_at,
        decided.has_standing_gpc,
        events.event_id,
        events.event_at,
        events.state,
        events.scope,
        events.actor,
        events.lawful_basis,
        events.valid_until,
        events.signal_source,
        events.is_explicit,
        events.is_specific
    from decided
    inner join events on (decided.decision).event_id = events.event_id
)

select * from final
