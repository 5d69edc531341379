{# Rules 3 and 9: pending and expired permissions, and the rule that decided for an identifier. #}
{% macro consent_identifier_status_query(inputs={}) %}
with deciding_events as (
    select * from {{ consent_input(inputs, 'consent_deciding_events') }}
),

purposes as (
    select purpose_code, grant_valid_days, reprompt_after_days
    from {{ consent_input(inputs, 'purposes') }}
),

-- Rule 3: the proof of a confirmed grant is the request it confirms.
confirmed_requests as (
    select
        confirmation.event_id,
        request.event_id as request_event_id
    from {{ consent_input(inputs, 'consent_events') }} as confirmation
    inner join {{ consent_input(inputs, 'consent_events') }} as request
        on
            confirmation.identifier_type = request.identifier_type
            and confirmation.identifier = request.identifier
            and confirmation.purpose_code = request.purpose_code
            and confirmation.channel = request.channel
            and confirmation.event_at >= request.event_at
    where confirmation.is_confirmation and request.state = 'pending'
    qualify row_number() over (
        partition by confirmation.event_id
        order by request.event_at desc, request.event_id
    ) = 1
),

dated as (
    select
        deciding_events.*,
        confirmed_requests.request_event_id,
        case
            when deciding_events.state = 'granted' then {{ consent_grant_until('deciding_events', 'purposes') }}
        end as grant_until,
        case
            when {{ is_refusal('deciding_events.state') }} and purposes.reprompt_after_days is not null
                then {{ dbt.dateadd('day', 'purposes.reprompt_after_days', 'greatest(deciding_events.event_at, coalesce(deciding_events.last_refusal_at, deciding_events.event_at))') }}
        end as reprompt_not_before,
        {{ consent_now(inputs) }} as as_of_at
    from deciding_events
    inner join purposes on deciding_events.purpose_code = purposes.purpose_code
    left join confirmed_requests on deciding_events.event_id = confirmed_requests.event_id
),

final as (
    select
        identifier_type,
        identifier,
        holder_id,
        purpose_code,
        channel,
        case when grant_until < as_of_at then 'expired' else state end as status,
        state = 'granted' and coalesce(grant_until >= as_of_at, true) as is_permitted,
        {{ is_refusal('state') }} as is_refused,
        lawful_basis,
        scope,
        event_id as deciding_event_id,
        coalesce(request_event_id, event_id) as evidence_event_id,
        event_at as decided_at,
        last_refusal_at,
        -- Made by the person while known by name, about this very purpose: what may overrule a refusal elsewhere.
        {{ is_own_choice('dated') }} and identifier_type in ('user_id', 'email', 'phone') as is_authenticated_choice,
        cast(grant_until as {{ dbt.type_timestamp() }}) as valid_until,
        cast(reprompt_not_before as {{ dbt.type_timestamp() }}) as reprompt_not_before,
        case
            when state = 'expired' or grant_until < as_of_at then 'rule_9_expired'
            when state = 'pending' then 'rule_3_pending'
            when lapsed_by = 'expired' then 'rule_9_expired'
            when lapsed_by = 'pending' then 'rule_3_pending'
            when signal_source = 'gpc' then 'rule_6_gpc'
            when {{ is_refusal('state') }} and last_grant_at > event_at and has_standing_gpc then 'rule_6_gpc'
            when {{ is_refusal('state') }} and last_grant_at > event_at then 'rule_2_explicit_refusal'
            when {{ is_refusal('state') }} and last_grant_at = event_at then 'rule_2_tie'
            else 'rule_2_latest'
        end as rule_applied,
        {{ is_refusal('state') }} and coalesce(last_grant_at >= event_at, false) as conflict_flag
    from dated
)

select * from final
{% endmacro %}
