{#- An answer without an actor is the person's own; one by an actor the crosswalk does not know weighs like an import. -#}
{% set actor = "coalesce(actors.actor, case when preference_events.actor is null then 'subject' else 'import' end)" %}

{% if not var('consent_enabled') %}
{{ no_signals() }}
{% else %}
with preference_events as (
    select * from {{ ref('stg_consent__preference_events') }}
),

crosswalk as (
    select signal, signal_value, purpose_code, channel, state, is_explicit, is_specific, actor
    from {{ ref('consent_crosswalk') }}
    where signal_source = 'preference_centre'
),

-- "All" fans out to one row per purpose; a word the crosswalk does not know stays null and is counted as rejected. A purpose such as "do not
-- sell" has a state of its own: that it was "granted" is no permission to sell.
final as (
    select
        {{- select_signal_columns({
            'signal_source': "'preference_centre'",
            'signal_ref': "'consent:preference_event:' || preference_events.event_id",
            'is_standing_value': 'false',
            'identifier_type': 'preference_events.identifier_type',
            'identifier': 'preference_events.identifier',
            'purpose_code': 'purposes.purpose_code',
            'channel': 'channels.channel',
            'lawful_basis': "case when lower(preference_events.lawful_basis) = 'legitimate_interest' then 'legitimate_interests' else lower(preference_events.lawful_basis) end",
            'country': 'preference_events.country',
            'state': "coalesce(nullif(purposes.state, ''), states.state)",
            'is_explicit': "(coalesce(states.is_explicit, false) or purposes.is_explicit) and " ~ actor ~ " <> 'import'",
            'is_specific': 'coalesce(purposes.is_specific, false)',
            'is_confirmation': "lower(trim(preference_events.state)) = 'confirmed'",
            'actor': actor,
            'notice_id': 'preference_events.notice_id',
            'notice_version': 'preference_events.notice_version',
            'language': 'preference_events.language',
            'collection_point': 'preference_events.collection_point',
            'method': 'preference_events.method',
            'evidence_ref': 'preference_events.evidence_ref',
            'raw_signal': "coalesce(preference_events.purpose, '') || '/' || coalesce(preference_events.channel, '') || '=' || coalesce(preference_events.state, '')",
            'event_at': 'preference_events.event_at',
            'changed_at': 'preference_events.event_at',
            'time_precision': "'exact'",
            'received_at': 'preference_events.received_at',
            'valid_until': 'preference_events.valid_until',
        }) }}
    from preference_events
    left join crosswalk as purposes
        on purposes.signal = 'purpose' and lower(trim(preference_events.purpose)) = purposes.signal_value
    left join crosswalk as channels
        on channels.signal = 'channel' and lower(trim(coalesce(preference_events.channel, 'any'))) = channels.signal_value
    left join crosswalk as states
        on states.signal = 'state' and lower(trim(preference_events.state)) = states.signal_value
    left join crosswalk as actors
        on actors.signal = 'actor' and lower(trim(preference_events.actor)) = actors.signal_value
)

select * from final
{% endif %}
