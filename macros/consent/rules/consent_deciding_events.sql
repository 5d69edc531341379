{#
    Rules 2, 3, 6 and 9, for each identifier and, where it is a device, each customer who has had it.

    A refusal stands until a permission lifts it that holds now: it is later, it has not run out, nothing has put it in question since, and it
    is of the kind that the refusal asks for. Anything else, such as a request that nobody has confirmed, leaves the refusal as it is.
#}
{% macro consent_deciding_events_query(inputs={}) %}
{#- A few candidates per identifier are compared instead of sorting the ledger. Each is a text that sorts as its event ranks. -#}
{% set is_grant = "state = 'granted' and is_own" %}

with purposes_channels as (
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
        events.identifier_type,
        events.identifier,
        events.purpose_code,
        purposes_channels.channel as decided_channel,
        events.event_id,
        events.event_at,
        events.state,
        events.actor,
        events.signal_source,
        events.is_explicit,
        events.is_specific,
        events.scope,
        case
            when events.state = 'granted' and {{ consent_grant_until('events', 'purposes') }} < {{ consent_now(inputs) }} then 'expired'
            else events.state
        end as state_now
    from {{ consent_input(inputs, 'consent_events') }} as events
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
-- said before it was theirs, a refusal stays with the device, and a permission was somebody else's to give. A device that is nobody's answers
-- for whoever uses it.
held as (
    select
        signals.*,
        {{ event_rank('signals.event_at', strictness('signals.state_now'), 'signals.event_id') }} as event_rank,
        coalesce(holders.customer_id, '') as holder_id,
        not {{ is_device_identifier('signals.identifier_type') }}
        or holders.customer_id is null
        or coalesce(signals.event_at >= holders.valid_from, false) as is_own
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
        max(case when {{ is_refusal('state') }} then event_rank end) as latest_refusal,
        max(case when {{ is_refusal('state') }} and scope = 'channel' then event_rank end) as latest_channel_refusal,
        -- A request, the end of a permission, a permission that has run out: none permits, and none lifts a refusal.
        max(case when state_now in ('pending', 'expired') and (state <> 'granted' or is_own) then event_rank end) as latest_lapse,
        max(case when {{ is_grant }} and {{ is_own_choice('held') }} then event_rank end) as latest_choice,
        max(case when {{ is_grant }} and is_explicit and is_specific then event_rank end) as latest_specific_grant,
        max(case when {{ is_grant }} and is_explicit then event_rank end) as latest_explicit_grant,
        max(case when {{ is_grant }} then event_rank end) as latest_grant,
        max(case when state = 'granted' and not is_own then event_rank end) as latest_foreign_grant,
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
        greatest({{ ranked_time('latest_refusal') }}, {{ ranked_time('latest_lapse') }}) as not_granted_at
    from weighed
),

-- Rule 2: the latest wins; at the same time the grant loses. The person's own choice speaks as long as it holds: what a flag repeats
-- later takes nothing from it. Of refusals that stand, one of the whole channel speaks for the others, which refuse no less. Somebody
-- else's permission is named only where nothing else was said: it is not trusted (rule 7).
decided as (
    select
        *,
        case
            when latest_choice is not null and coalesce({{ ranked_time('latest_choice') }} > not_granted_at, true) then latest_choice
            when eligible_grant is not null and coalesce({{ ranked_time('eligible_grant') }} > not_granted_at, true) then eligible_grant
            when
                {{ ranked_time('latest_channel_refusal') }}
                >= coalesce(greatest({{ ranked_time('latest_choice') }}, {{ ranked_time('eligible_grant') }}), '')
                then latest_channel_refusal
            when latest_refusal is not null then latest_refusal
            else coalesce(latest_lapse, latest_foreign_grant)
        end as decision,
        -- What has ended the permission that had lifted the refusal.
        case
            when
                {{ ranked_time('eligible_grant') }} > {{ ranked_time('latest_refusal') }}
                and {{ ranked_time('latest_lapse') }} >= {{ ranked_time('eligible_grant') }}
                then case when {{ ranked_strictness('latest_lapse') }} = {{ strictness("'expired'") }} then 'expired' else 'pending' end
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
        cast({{ ranked_time('decided.latest_grant') }} as {{ dbt.type_timestamp() }}) as last_grant_at,
        cast({{ ranked_time('decided.latest_refusal') }} as {{ dbt.type_timestamp() }}) as last_refusal_at,
        -- Rule 6: only a later answer that names the purpose lifts the browser's signal.
        coalesce(
            decided.last_gpc_at >= cast({{ ranked_time('decided.latest_specific_grant') }} as {{ dbt.type_timestamp() }}),
            decided.last_gpc_at is not null
        ) as has_standing_gpc,
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
    inner join {{ consent_input(inputs, 'consent_events') }} as events on {{ ranked_event('decided.decision') }} = events.event_id
)

select * from final
{% endmacro %}


{#
    What an event ranks by, as a text: its time, at the same time how strict it is, and last its id. The largest text of several is found many
    times faster than the largest of several records.
#}
{% macro event_rank(event_at, strictness, event_id) -%}
    {{ sortable_time(event_at) }} || cast({{ strictness }} as string) || {{ event_id }}
{%- endmacro %}

{# The time in a rank; as text, which sorts as the time does. #}
{% macro ranked_time(rank) -%}
    substr({{ rank }}, 1, 26)
{%- endmacro %}

{% macro ranked_strictness(rank) -%}
    cast(substr({{ rank }}, 27, 1) as integer)
{%- endmacro %}

{% macro ranked_event(rank) -%}
    substr({{ rank }}, 28)
{%- endmacro %}
