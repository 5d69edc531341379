{% set flags = consent_flags() %}

with flag_values as (
    {% for flag in flags %}
    select
        '{{ flag.signal_source }}' as signal_source,
        '{{ flag.signal }}' as signal,
        lower(cast({{ flag.value }} as string)) as signal_value,
        {{ flag.ref }} as native_ref,
        {{ flag.get('is_standing_value', true) | lower }} as is_standing_value,
        '{{ flag.identifier_type }}' as identifier_type,
        {{ flag.identifier }} as identifier,
        cast({{ flag.changed_at or 'null' }} as {{ dbt.type_timestamp() }}) as own_time_at,
        {{ flag.first_at }} as first_at,
        {{ flag.last_at }} as last_at
    from {{ ref(flag.model) }}
    {{ "union all" if not loop.last }}
    {% endfor %}
    {% if not flags %}
    select
        cast(null as string) as signal_source,
        cast(null as string) as signal,
        cast(null as string) as signal_value,
        cast(null as string) as native_ref,
        false as is_standing_value,
        cast(null as string) as identifier_type,
        cast(null as string) as identifier,
        cast(null as {{ dbt.type_timestamp() }}) as own_time_at,
        cast(null as {{ dbt.type_timestamp() }}) as first_at,
        cast(null as {{ dbt.type_timestamp() }}) as last_at
    where false
    {% endif %}
),

crosswalk as (
    select signal_source, signal, signal_value, purpose_code, channel, state, is_explicit, is_specific, scope, actor
    from {{ ref('consent_crosswalk') }}
),

-- What the values of a signal speak about.
spoken_about as (
    select distinct
        signal_source,
        signal,
        purpose_code,
        channel
    from crosswalk
),

-- A value without a row in the crosswalk says nothing about consent (an unticked checkbox is no refusal). That a standing flag has such a
-- value is noted nevertheless: when it is set again, that is a new answer.
meaningful as (
    select
        flag_values.*,
        spoken_about.purpose_code,
        spoken_about.channel,
        coalesce(crosswalk.state, 'cleared') as state,
        coalesce(crosswalk.is_explicit, false) as is_explicit,
        coalesce(crosswalk.is_specific, false) as is_specific,
        coalesce(crosswalk.scope, 'contact_point') as scope,
        coalesce(crosswalk.actor, 'import') as actor
    from flag_values
    inner join spoken_about
        on
            flag_values.signal_source = spoken_about.signal_source
            and flag_values.signal = spoken_about.signal
    left join crosswalk
        on
            flag_values.signal_source = crosswalk.signal_source
            and flag_values.signal = crosswalk.signal
            and flag_values.signal_value = crosswalk.signal_value
            and spoken_about.purpose_code = crosswalk.purpose_code
            and spoken_about.channel = crosswalk.channel
    where
        crosswalk.state is not null
        or (flag_values.is_standing_value and flag_values.identifier is not null and flag_values.signal_value is not null)
),

final as (
    select
        {{- select_signal_columns({
            'signal_source': 'signal_source',
            'signal_ref': "native_ref || ':' || signal",
            'is_standing_value': 'is_standing_value',
            'identifier_type': 'identifier_type',
            'identifier': 'identifier',
            'purpose_code': 'purpose_code',
            'channel': 'channel',
            'state': 'state',
            'is_explicit': 'is_explicit',
            'is_specific': 'is_specific',
            'is_confirmation': 'false',
            'declared_scope': 'scope',
            'actor': 'actor',
            'method': "'flag'",
            'evidence_ref': "native_ref",
            'raw_signal': "signal || '=' || signal_value",
            'event_at': "coalesce(own_time_at, case when " ~ is_refusal('state') ~ " then last_at else first_at end, last_at, first_at)",
            'changed_at': 'coalesce(own_time_at, last_at, first_at)',
            'time_precision': "case when own_time_at is not null then 'exact' else 'record' end",
            'received_at': 'coalesce(last_at, own_time_at, first_at)',
        }) }}
    from meaningful
)

select * from final
