{# All rules together; rule 8 where nobody has said anything. #}
{% macro consent_status_query(inputs={}) %}
{% set decided_columns = ['lawful_basis', 'deciding_event_id', 'evidence_event_id', 'decided_at', 'valid_until', 'reprompt_not_before'] %}

with context as (
    select * from {{ consent_input(inputs, 'consent_customer_context') }}
),

barred as (
    select customer_id, rule_applied, deciding_event_id, barred_at
    from {{ consent_input(inputs, 'consent_barred_customers') }}
),

defaults as (
    select * from {{ consent_input(inputs, 'consent_defaults') }}
),

person_purposes as (
    select purposes_channels.purpose_code, purposes_channels.channel
    from {{ consent_input(inputs, 'purposes_channels') }} as purposes_channels
    inner join {{ consent_input(inputs, 'purposes') }} as purposes on purposes_channels.purpose_code = purposes.purpose_code
    where purposes_channels.has_status and purposes.level = 'person'
),

decisions as (
    select
        customer_id, identifier_type, identifier, purpose_code, channel, status, is_permitted, rule_applied, conflict_flag,
        has_untrusted_grant, {{ decided_columns | join(', ') }}
    from {{ consent_input(inputs, 'consent_messaging_decisions') }}
    union all
    select
        context.customer_id, 'person' as identifier_type, context.customer_id as identifier, person_purposes.purpose_code,
        person_purposes.channel, person.status, person.is_permitted, person.rule_applied, person.conflict_flag,
        person.has_untrusted_grant, {{ decided_columns | map('replace', '', 'person.', 1) | join(', ') }}
    from context
    cross join person_purposes
    left join {{ consent_input(inputs, 'consent_person_decisions') }} as person
        on context.customer_id = person.customer_id and person_purposes.purpose_code = person.purpose_code
),

-- Rule 8: what holds where nobody has said anything, and until when.
silent as (
    select
        decisions.*,
        context.jurisdiction,
        coalesce(defaults.default_state, 'denied') = 'granted' as is_default_granted,
        defaults.lawful_basis as default_basis,
        case
            when defaults.implied_after_purchase_days is null and defaults.implied_after_inquiry_days is null then null
            else greatest(
                {{ dbt.dateadd('day', 'defaults.implied_after_purchase_days', 'context.last_purchase_at') }},
                {{ dbt.dateadd('day', 'defaults.implied_after_inquiry_days', 'context.last_inquiry_at') }}
            )
        end as implied_until,
        {{ consent_now(inputs) }} as as_of_at
    from decisions
    inner join context on decisions.customer_id = context.customer_id
    left join defaults
        on
            context.jurisdiction = defaults.jurisdiction
            and decisions.purpose_code = defaults.purpose_code
            and decisions.channel = defaults.channel
),

judged as (
    select
        silent.*,
        barred.customer_id is not null as is_barred,
        barred.rule_applied as bar_rule,
        barred.deciding_event_id as bar_event_id,
        barred.barred_at,
        coalesce(silent.implied_until >= silent.as_of_at, false) as is_implied
    from silent
    left join barred on silent.customer_id = barred.customer_id
),

final as (
    select
        customer_id,
        identifier_type,
        identifier,
        purpose_code,
        channel,
        jurisdiction,
        case
            when is_barred then 'denied'
            when status is not null then status
            when is_default_granted or is_implied then 'granted'
            else 'denied'
        end as status,
        not is_barred and coalesce(is_permitted, is_default_granted or is_implied) as is_permitted,
        case when status is null then default_basis else lawful_basis end as lawful_basis,
        case when is_barred then bar_event_id else deciding_event_id end as deciding_event_id,
        case when is_barred then bar_event_id else evidence_event_id end as evidence_event_id,
        case when is_barred then barred_at else decided_at end as decided_at,
        case
            when is_barred then bar_rule
            when status is not null then rule_applied
            when is_default_granted then 'rule_8_default'
            when is_implied then 'rule_8_implied'
            when has_untrusted_grant then 'rule_7_untrusted_grant'
            else 'rule_8_default'
        end as rule_applied,
        coalesce(conflict_flag, false) as conflict_flag,
        cast(case
            when is_barred then null
            when status is not null then valid_until
            when is_implied and not is_default_granted then implied_until
        end as {{ dbt.type_timestamp() }}) as valid_until,
        cast(case when not is_barred then reprompt_not_before end as {{ dbt.type_timestamp() }}) as reprompt_not_before
    from judged
)

select * from final
{% endmacro %}
