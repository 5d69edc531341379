{% set columns = [
    'event_id', 'anonymous_id', 'device_id', 'user_id', 'event_at', 'received_at', 'action', 'tc_string', 'gpp_string', 'country',
    'notice_version', 'language', 'page_url', 'is_button_asked',
] %}
{% set choices = ['ad_storage', 'ad_user_data', 'analytics_storage', 'ad_personalization'] %}

{% if not var('consent_enabled') %}
{{ no_signals() }}
{% else %}
with crosswalk as (
    select signal_source, signal, signal_value, purpose_code, channel, state, is_explicit, is_specific, scope, actor
    from {{ ref('consent_crosswalk') }}
    where signal_source in ('banner', 'gpc')
),

refusing_buttons as (
    select distinct signal_value as button
    from crosswalk
    where signal = 'action'
),

known_answers as (
    select distinct
        signal,
        signal_value
    from crosswalk
),

-- A button that refuses everything is asked where the banner kept no answer, or none that is known, about some purpose.
banner_events as (
    select
        events.*,
        refusing_buttons.button is not null as is_refusing,
        refusing_buttons.button is not null
        and (
            {%- for choice in choices %}
            {{ 'or ' if not loop.first }}known_{{ choice }}.signal is null
            {%- endfor %}
        ) as is_button_asked
    from {{ ref('stg_consent__banner_events') }} as events
    left join refusing_buttons on events.action = refusing_buttons.button
    {%- for choice in choices %}
    left join known_answers as known_{{ choice }}
        on known_{{ choice }}.signal = '{{ choice }}' and lower(events.{{ choice }}) = known_{{ choice }}.signal_value
    {%- endfor %}
),

answers as (
    {% for choice in choices %}
    select {{ columns | join(', ') }}, 'banner' as signal_source, '{{ choice }}' as signal, {{ choice }} as signal_value
    from banner_events
    where {{ choice }} is not null
    union all
    {% endfor %}
    select {{ columns | join(', ') }}, 'gpc' as signal_source, 'gpc' as signal, 'true' as signal_value
    from banner_events
    where gpc
    union all
    -- Whoever refused everything refused each purpose, also where a string beside it cannot be read. What was accepted, the button alone does
    -- not tell; where the banner kept nothing else, that is counted as rejected.
    select {{ columns | join(', ') }}, 'banner' as signal_source, 'action' as signal, action as signal_value
    from banner_events
    where
        is_button_asked
        or (action is not null and not is_refusing and coalesce({{ choices | join(', ') }}, tc_string, gpp_string) is null)
),

{{ banner_subjects('answers') }},

meanings as (
    select
        subjects.*,
        crosswalk.purpose_code,
        crosswalk.channel,
        crosswalk.state,
        crosswalk.is_explicit,
        crosswalk.is_specific,
        crosswalk.scope,
        crosswalk.actor
    from subjects
    left join crosswalk
        on
            subjects.signal_source = crosswalk.signal_source
            and subjects.signal = crosswalk.signal
            and lower(subjects.signal_value) = crosswalk.signal_value
),

-- An answer about the purpose itself speaks before the button.
answered as (
    select distinct
        event_id,
        purpose_code
    from meanings
    where is_button_asked and signal_source = 'banner' and signal <> 'action'
),

spoken as (
    select meanings.*
    from meanings
    left join answered
        on
            meanings.signal = 'action'
            and meanings.event_id = answered.event_id
            and meanings.purpose_code = answered.purpose_code
    where answered.event_id is null
),

final as (
    select
        {{- select_signal_columns({
            'signal_source': 'signal_source',
            'signal_ref': "'consent:banner_event:' || event_id || ':' || signal",
            'is_standing_value': 'false',
            'identifier_type': 'identifier_type',
            'identifier': 'identifier',
            'purpose_code': 'purpose_code',
            'channel': 'channel',
            'country': 'country',
            'state': "case when state = 'denied' and action = 'withdraw' then 'withdrawn' else state end",
            'is_explicit': 'is_explicit',
            'is_specific': "coalesce(is_specific, false) or (signal_source = 'banner' and coalesce(action, '') = 'custom')",
            'is_confirmation': 'false',
            'declared_scope': 'scope',
            'actor': 'actor',
            'notice_version': 'notice_version',
            'language': 'language',
            'collection_point': 'page_url',
            'method': "case when signal_source = 'gpc' then 'browser_signal' else 'banner:' || coalesce(action, 'unknown') end",
            'evidence_ref': 'event_id',
            'raw_signal': "signal || '=' || signal_value || coalesce(' tcf:' || tc_string, '') || coalesce(' gpp:' || gpp_string, '')",
            'event_at': 'event_at',
            'changed_at': 'event_at',
            'time_precision': "'exact'",
            'received_at': 'received_at',
        }) }}
    from spoken
)

select * from final
{% endif %}
