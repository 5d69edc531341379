with events as (
    select * from {{ ref('consent_events') }}
),

purposes as (
    select purpose_code, grant_valid_days, reprompt_after_days
    from {{ ref('purposes') }}
),

purposes_channels as (
    select purpose_code, channel
    from {{ ref('purposes_channels') }}
),

-- "Any channel" is an answer about each channel the purpose is sent over.
signals as (
    select
        events.event_id,
        events.identifier_type,
        events.identifier,
        events.purpose_code,
        purposes_channels.channel,
        events.state,
        events.is_explicit,
        events.is_specific,
        events.signal_source,
        events.event_at
    from events
    inner join purposes_channels
        on
            events.purpose_code = purposes_channels.purpose_code
            and (events.channel = purposes_channels.channel or events.channel = 'any')
),

weighed as (
    select
        *,
        {{ strictness('state') }} as strictness,
        max(case when state = 'granted' then event_at end) over same_scope as last_grant_at,
        max(case when is_explicit and {{ is_refusal('state') }} then event_at end) over same_scope as last_explicit_refusal_at,
        max(case when is_explicit and state = 'granted' then event_at end) over same_scope as last_explicit_grant_at,
        max(case when signal_source = 'gpc' then event_at end) over same_scope as last_gpc_at,
        max(case when is_explicit and is_specific and state = 'granted' then event_at end) over same_scope as last_specific_grant_at
    from signals
    window same_scope as (partition by identifier_type, identifier, purpose_code, channel)
),

judged as (
    select
        *,
        -- Rule 6: only a later answer that names the purpose lifts the browser's signal.
        last_gpc_at is not null and (last_specific_grant_at is null or last_gpc_at >= last_specific_grant_at) as has_standing_gpc,
        -- Rule 2: an explicit refusal stands until the person themselves agrees again.
        last_explicit_refusal_at is not null
        and (last_explicit_grant_at is null or last_explicit_refusal_at >= last_explicit_grant_at) as has_standing_refusal
    from weighed
),

decided as (
    select *
    from judged
    where not (state = 'granted' and (has_standing_gpc or (has_standing_refusal and not is_explicit)))
    qualify row_number() over (
        partition by identifier_type, identifier, purpose_code, channel
        order by event_at desc, strictness desc, event_id
    ) = 1
),

-- Rule 3: the proof of a confirmed grant is the request it confirms.
confirmed_requests as (
    select
        confirmation.event_id,
        max_by(request.event_id, request.event_at) as request_event_id
    from events as confirmation
    inner join events as request
        on
            confirmation.identifier_type = request.identifier_type
            and confirmation.identifier = request.identifier
            and confirmation.purpose_code = request.purpose_code
            and confirmation.channel = request.channel
            and confirmation.event_at >= request.event_at
    where confirmation.is_confirmation and request.state = 'pending'
    group by confirmation.event_id
),

dated as (
    select
        decided.*,
        events.scope,
        events.actor,
        events.lawful_basis,
        confirmed_requests.request_event_id,
        case
            when decided.state = 'granted'
                -- Rule 9: the sooner of what the signal and what the purpose allow.
                then least(
                    events.valid_until,
                    case
                        when purposes.grant_valid_days is not null
                            then {{ dbt.dateadd('day', 'purposes.grant_valid_days', 'decided.event_at') }}
                    end
                )
        end as valid_until,
        case
            when {{ is_refusal('decided.state') }} and purposes.reprompt_after_days is not null
                then {{ dbt.dateadd('day', 'purposes.reprompt_after_days', 'decided.event_at') }}
        end as reprompt_not_before,
        {{ as_of() }} as as_of_at
    from decided
    inner join events on decided.event_id = events.event_id
    inner join purposes on decided.purpose_code = purposes.purpose_code
    left join confirmed_requests on decided.event_id = confirmed_requests.event_id
),

final as (
    select
        identifier_type,
        identifier,
        purpose_code,
        channel,
        case when state = 'granted' and valid_until < as_of_at then 'expired' else state end as status,
        state = 'granted' and coalesce(valid_until >= as_of_at, true) as is_permitted,
        {{ is_refusal('state') }} as is_refused,
        lawful_basis,
        scope,
        event_id as deciding_event_id,
        coalesce(request_event_id, event_id) as evidence_event_id,
        event_at as decided_at,
        -- Made by the person while known by name, about this very purpose: what may overrule a refusal elsewhere.
        is_explicit and is_specific and actor in ('subject', 'guardian')
        and identifier_type in ('user_id', 'email', 'phone') as is_authenticated_choice,
        valid_until,
        cast(reprompt_not_before as {{ dbt.type_timestamp() }}) as reprompt_not_before,
        case
            when state = 'expired' or (state = 'granted' and valid_until < as_of_at) then 'rule_9_expired'
            when state = 'pending' then 'rule_3_pending'
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
