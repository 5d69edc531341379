{#
    Rules 2, 3, 6 and 9, for each identifier and, where it is a device, each customer who has had it.

    A refusal stands until a permission lifts it that holds now: it is later, it has not run out, nothing has put it in question since, and it
    is of the kind that the refusal asks for. Anything else, such as a request that nobody has confirmed, leaves the refusal as it is.
#}
{% macro consent_deciding_events_query(inputs={}) %}
{#- A few candidates per identifier are compared instead of sorting the ledger; each carries only what the comparison needs. -#}
{% set candidate = record({
    'event_at': 'event_at', 'strictness': strictness('state_now'), 'event_id': 'event_id', 'state_now': 'state_now',
}) %}
{% set is_grant = "state = 'granted' and is_own" %}

with events as (
    select * from {{ consent_input(inputs, 'consent_events') }}
),

purposes_channels as (
    select purpose_code, channel
    from {{ consent_input(inputs, 'purposes_channels') }}
),

purposes as (
    select purpose_code, grant_valid_days
    from {{ consent_input(inputs, 'purposes') }}
),

-- "Any channel" is an answer about each channel the purpose is sent over.
signals as (
    select
        events.*,
        purposes_channels.channel as decided_channel,
        case
            when events.state = 'granted' and {{ consent_grant_until('events', 'purposes') }} < {{ consent_now(inputs) }} then 'expired'
            else events.state
        end as state_now
    from events
    inner join purposes on events.purpose_code = purposes.purpose_code
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
        max(case when {{ is_refusal('state') }} then {{ candidate }} end) as latest_refusal,
        -- A request, the end of a permission, a permission that has run out: none permits, and none lifts a refusal.
        max(case when state_now in ('pending', 'expired') and (state <> 'granted' or is_own) then {{ candidate }} end) as latest_lapse,
        max(case when {{ is_grant }} and {{ is_own_choice('held') }} then {{ candidate }} end) as latest_choice,
        max(case when {{ is_grant }} and is_explicit and is_specific then {{ candidate }} end) as latest_specific_grant,
        max(case when {{ is_grant }} and is_explicit then {{ candidate }} end) as latest_explicit_grant,
        max(case when {{ is_grant }} then {{ candidate }} end) as latest_grant,
        max(case when state = 'granted' and not is_own then {{ candidate }} end) as latest_foreign_grant,
        max(case when is_explicit and {{ is_refusal('state') }} then event_at end) as last_explicit_refusal_at,
        max(case when signal_source = 'gpc' then event_at end) as last_gpc_at
    from held
    group by identifier_type, identifier, holder_id, purpose_code, decided_channel
),

-- Which permissions count: after a browser signal only answers that name the purpose (rule 6), after an explicit refusal only
-- explicit ones (rule 2). That one of them came in between does not let weaker ones count again.
eligible as (
    select
        *,
        case
            when last_gpc_at is not null then latest_specific_grant
            when last_explicit_refusal_at is not null then latest_explicit_grant
            else latest_grant
        end as eligible_grant,
        -- Null only where there is neither.
        greatest((latest_refusal).event_at, (latest_lapse).event_at) as not_granted_at
    from weighed
),

-- Rule 2: the latest wins; at the same time the grant loses. The person's own choice speaks as long as it holds: what a flag repeats
-- later takes nothing from it. Somebody else's permission is named only where nothing else was said: it is not trusted (rule 7).
decided as (
    select
        *,
        case
            when latest_choice is not null and coalesce((latest_choice).event_at > not_granted_at, true) then latest_choice
            when eligible_grant is not null and coalesce((eligible_grant).event_at > not_granted_at, true) then eligible_grant
            when latest_refusal is not null then latest_refusal
            else coalesce(latest_lapse, latest_foreign_grant)
        end as decision,
        -- What has ended the permission that had lifted the refusal.
        case
            when (eligible_grant).event_at > (latest_refusal).event_at and (latest_lapse).event_at >= (eligible_grant).event_at
                then (latest_lapse).state_now
        end as lapsed_by
    from eligible
),

final as (
    select
        decided.identifier_type,
        decided.identifier,
        decided.holder_id,
        decided.purpose_code,
        decided.channel,
        (decided.latest_grant).event_at as last_grant_at,
        (decided.latest_refusal).event_at as last_refusal_at,
        -- Rule 6: only a later answer that names the purpose lifts the browser's signal.
        coalesce(decided.last_gpc_at >= (decided.latest_specific_grant).event_at, decided.last_gpc_at is not null) as has_standing_gpc,
        decided.lapsed_by,
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
