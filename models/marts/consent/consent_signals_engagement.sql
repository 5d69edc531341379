{% if not var('klaviyo_enabled') %}
{{ no_signals() }}
{% else %}
with email_events as (
    select * from {{ ref('stg_klaviyo__events') }}
),

people as (
    select * from {{ ref('stg_klaviyo__people') }}
),

crosswalk as (
    select signal_value, purpose_code, channel, state, is_explicit, is_specific, scope, actor
    from {{ ref('consent_crosswalk') }}
    where signal_source = 'klaviyo_event' and signal = 'event_type'
),

-- Only the few kinds of event that speak about consent; a bounce does not, it is about deliverability.
final as (
    select
        {{- select_signal_columns({
            'signal_source': "'klaviyo_event'",
            'signal_ref': "'klaviyo:event:' || email_events.event_id",
            'is_standing_value': 'false',
            'identifier_type': "case when crosswalk.channel = 'sms' then 'phone' else 'email' end",
            'identifier': "case when crosswalk.channel = 'sms' then people.phone else people.email end",
            'purpose_code': 'crosswalk.purpose_code',
            'channel': 'crosswalk.channel',
            'state': 'crosswalk.state',
            'is_explicit': 'crosswalk.is_explicit',
            'is_specific': 'crosswalk.is_specific',
            'is_confirmation': 'false',
            'declared_scope': 'crosswalk.scope',
            'actor': 'crosswalk.actor',
            'method': "'message_link'",
            'evidence_ref': 'email_events.event_id',
            'raw_signal': 'email_events.event_type',
            'event_at': 'email_events.occurred_at',
            'changed_at': 'email_events.occurred_at',
            'time_precision': "'exact'",
            'received_at': 'email_events.occurred_at',
        }) }}
    from email_events
    inner join crosswalk on {{ event_word('email_events.event_type') }} = {{ event_word('crosswalk.signal_value') }}
    left join people on email_events.person_id = people.source_record_id
)

select * from final
{% endif %}
