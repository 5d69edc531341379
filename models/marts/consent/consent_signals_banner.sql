{% set choices = ['ad_storage', 'ad_user_data', 'analytics_storage', 'ad_personalization'] %}

{% if not var('consent_enabled') %}
{{ no_signals() }}
{% else %}
with banner_events as (
    select * from {{ ref('stg_consent__banner_events') }}
),

crosswalk as (
    select signal_source, signal, signal_value, purpose_code, channel, state, is_explicit, is_specific, scope, actor
    from {{ ref('consent_crosswalk') }}
    where signal_source in ('banner', 'gpc')
),

-- The answer holds for the browser and, once signed in, for the person: one row for each subject it names.
subjects as (
    select event_id, 'user_id' as identifier_type, user_id as identifier
    from banner_events
    where user_id is not null
    union all
    select event_id, 'anonymous_id' as identifier_type, anonymous_id as identifier
    from banner_events
    where anonymous_id is not null
    union all
    select event_id, 'device_id' as identifier_type, device_id as identifier
    from banner_events
    where device_id is not null and device_id is distinct from anonymous_id
    union all
    -- An answer that names nobody is handed on all the same, so that it is counted as rejected.
    select event_id, cast(null as {{ dbt.type_string() }}) as identifier_type, cast(null as {{ dbt.type_string() }}) as identifier
    from banner_events
    where user_id is null and anonymous_id is null and device_id is null
),

answers as (
    {% for choice in choices %}
    select event_id, 'banner' as signal_source, '{{ choice }}' as signal, lower({{ choice }}) as signal_value
    from banner_events
    where {{ choice }} is not null
    union all
    {% endfor %}
    select event_id, 'gpc' as signal_source, 'gpc' as signal, 'true' as signal_value
    from banner_events
    where gpc
),

meanings as (
    select
        answers.event_id,
        answers.signal_source,
        answers.signal,
        answers.signal_value,
        crosswalk.purpose_code,
        crosswalk.channel,
        crosswalk.state,
        crosswalk.is_explicit,
        crosswalk.is_specific,
        crosswalk.scope,
        crosswalk.actor
    from answers
    left join crosswalk
        on
            answers.signal_source = crosswalk.signal_source
            and answers.signal = crosswalk.signal
            and answers.signal_value = crosswalk.signal_value
),

final as (
    select
        {{- select_signal_columns({
            'signal_source': 'meanings.signal_source',
            'signal_ref': "'consent:banner_event:' || banner_events.event_id || ':' || meanings.signal",
            'is_standing_value': 'false',
            'identifier_type': 'subjects.identifier_type',
            'identifier': 'subjects.identifier',
            'purpose_code': 'meanings.purpose_code',
            'channel': 'meanings.channel',
            'country': 'banner_events.country',
            'state': "case when meanings.state = 'denied' and banner_events.action = 'withdraw' then 'withdrawn' else meanings.state end",
            'is_explicit': 'meanings.is_explicit',
            'is_specific': "coalesce(meanings.is_specific, false) or (meanings.signal_source = 'banner' and coalesce(banner_events.action, '') = 'custom')",
            'is_confirmation': 'false',
            'declared_scope': 'meanings.scope',
            'actor': 'meanings.actor',
            'notice_version': 'banner_events.notice_version',
            'language': 'banner_events.language',
            'collection_point': 'banner_events.page_url',
            'method': "case when meanings.signal_source = 'gpc' then 'browser_signal' else 'banner:' || coalesce(banner_events.action, 'unknown') end",
            'evidence_ref': 'banner_events.event_id',
            'raw_signal': "meanings.signal || '=' || meanings.signal_value || coalesce(' tcf:' || banner_events.tc_string, '') || coalesce(' gpp:' || banner_events.gpp_string, '')",
            'event_at': 'banner_events.event_at',
            'changed_at': 'banner_events.event_at',
            'time_precision': "'exact'",
            'received_at': 'banner_events.received_at',
        }) }}
    from meanings
    inner join banner_events on meanings.event_id = banner_events.event_id
    inner join subjects on meanings.event_id = subjects.event_id
)

select * from final
{% endif %}
