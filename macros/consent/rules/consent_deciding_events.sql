{# Rules 2 and 6, for each identifier and, where it is a device, each customer who has had it. #}
{% macro consent_deciding_events_query(inputs={}) %}
{#- Three candidates per identifier are compared instead of sorting the ledger; each carries only what the comparison needs. -#}
{% set candidate = record({'event_at': 'event_at', 'strictness': strictness('state'), 'event_id': 'event_id'}) %}

with events as (
    select * from {{ consent_input(inputs, 'consent_events') }}
),

purposes_channels as (
    select purpose_code, channel
    from {{ consent_input(inputs, 'purposes_channels') }}
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

holders as (
    select identifier_type, identifier_value, customer_id, valid_from, valid_to
    from {{ consent_input(inputs, 'customer_identifiers') }}
    where {{ is_device_identifier('identifier_type') }}
),

-- A device is judged once for each customer who has had it. What is said on it after it has left them does not concern them; of what was
-- said before it was theirs, a refusal stays with the device, and a permission was somebody else's to give.
held as (
    select
        signals.*,
        coalesce(holders.customer_id, '') as holder_id,
        not {{ is_device_identifier('signals.identifier_type') }} or coalesce(signals.event_at >= holders.valid_from, false) as is_own
    from signals
    left join holders
        on
            signals.identifier_type = holders.identifier_type
            and signals.identifier = holders.identifier_value
            and coalesce(signals.event_at < holders.valid_to, true)
),

weighed as (
    select
        identifier_type,
        identifier,
        holder_id,
        purpose_code,
        decided_channel as channel,
        max(case when state <> 'granted' then {{ candidate }} end) as latest_other,
        max(case when state = 'granted' and is_own and is_explicit then {{ candidate }} end) as latest_explicit_grant,
        max(case when state = 'granted' and is_own then {{ candidate }} end) as latest_grant,
        max(case when state = 'granted' and not is_own then {{ candidate }} end) as latest_foreign_grant,
        max(case when is_explicit and {{ is_refusal('state') }} then event_at end) as last_explicit_refusal_at,
        max(case when signal_source = 'gpc' then event_at end) as last_gpc_at,
        max(case when is_explicit and is_specific and is_own and state = 'granted' then event_at end) as last_specific_grant_at
    from held
    group by identifier_type, identifier, holder_id, purpose_code, decided_channel
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

-- Rule 2: the latest wins; at the same time the grant loses. Somebody else's permission is named only where nothing else was said: it is
-- not trusted (rule 7).
decided as (
    select
        *,
        case
            when latest_other is null then coalesce(eligible_grant, latest_foreign_grant)
            when (eligible_grant).event_at > (latest_other).event_at then eligible_grant
            else latest_other
        end as decision
    from eligible
),

final as (
    select
        decided.identifier_type,
        decided.identifier,
        decided.holder_id,
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
{% endmacro %}
