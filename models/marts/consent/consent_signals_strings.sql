{#- The purposes for which banners keep an answer of their own, and the column that has it. -#}
{% set own_answers = {
    'advertising': 'ad_storage', 'sale_or_share': 'ad_user_data', 'analytics': 'analytics_storage', 'personalization': 'ad_personalization',
} %}
{% set opt_outs = ['is_sale_opted_out', 'is_sharing_opted_out', 'is_targeted_advertising_opted_out'] %}

{% if not var('consent_enabled') %}
{{ no_signals() }}
{% else %}
with banner_events as (
    select * from {{ ref('stg_consent__banner_events') }}
),

consent_strings as (
    select * from {{ ref('consent_strings') }}
),

crosswalk as (
    select signal_source, signal, signal_value, purpose_code, channel, state, is_explicit, is_specific, scope, actor
    from {{ ref('consent_crosswalk') }}
    where signal_source in ('tcf', 'gpp', 'gpc')
),

carried as (
    select *, tc_string as consent_string, 'tcf' as signal_source
    from banner_events
    where tc_string is not null
    union all
    select *, gpp_string as consent_string, 'gpp' as signal_source
    from banner_events
    where gpp_string is not null
),

decoded as (
    select
        carried.*,
        consent_strings.problem,
        consent_strings.tcf_purposes,
        {% for opt_out in opt_outs %}
        consent_strings.{{ opt_out }},
        {% endfor %}
        consent_strings.has_gpc
    from carried
    inner join consent_strings on carried.consent_string = consent_strings.consent_string
),

-- One of our purposes is agreed to when every purpose of the framework that it needs is.
needed as (
    select
        purpose_code,
        cast(signal_value as integer) as position
    from crosswalk
    where signal_source = 'tcf' and state = 'granted'
),

distinct_purposes as (
    select distinct tcf_purposes
    from decoded
    where tcf_purposes is not null
),

agreed as (
    select
        distinct_purposes.tcf_purposes,
        needed.purpose_code,
        min(substring(distinct_purposes.tcf_purposes, needed.position, 1)) = '1' as is_agreed
    from distinct_purposes
    cross join needed
    group by distinct_purposes.tcf_purposes, needed.purpose_code
),

answers as (
    select
        decoded.*,
        'tcf' as signal,
        agreed.purpose_code,
        'any' as channel,
        case when agreed.is_agreed then 'granted' when decoded.action = 'withdraw' then 'withdrawn' else 'denied' end as state,
        coalesce(decoded.action, '') = 'custom' as is_specific
    from decoded
    inner join agreed on decoded.tcf_purposes = agreed.tcf_purposes
    {% for opt_out in opt_outs + ['has_gpc'] %}
    union all
    select decoded.*, '{{ opt_out }}' as signal, crosswalk.purpose_code, crosswalk.channel, crosswalk.state, crosswalk.is_specific
    from decoded
    inner join crosswalk
        on {{ "crosswalk.signal_source = 'gpc'" if opt_out == 'has_gpc' else "crosswalk.signal = '" ~ opt_out ~ "'" }}
    where decoded.{{ opt_out }}
    {% endfor %}
    union all
    -- What cannot be read is handed on without a purpose, so that it is counted as rejected.
    select decoded.*, 'unreadable' as signal, null as purpose_code, null as channel, null as state, false as is_specific
    from decoded
    where problem is not null
),

-- Where the banner itself has kept an answer about the purpose, that is what the person was asked; the string speaks for the others. An
-- opt-out is never set aside.
news as (
    select *
    from answers
    where
        signal <> 'tcf'
        or case purpose_code
            {% for purpose, column in own_answers.items() %}
            when '{{ purpose }}' then {{ column }} is null
            {% endfor %}
            else true
        end
),

{{ banner_subjects('news') }},

final as (
    select
        {{- select_signal_columns({
            'signal_source': "case when signal = 'has_gpc' then 'gpc' else signal_source end",
            'signal_ref': "'consent:banner_event:' || event_id || ':' || signal_source || '.' || signal",
            'is_standing_value': 'false',
            'identifier_type': 'identifier_type',
            'identifier': 'identifier',
            'purpose_code': 'purpose_code',
            'channel': 'channel',
            'country': 'country',
            'state': 'state',
            'is_explicit': 'true',
            'is_specific': 'is_specific',
            'is_confirmation': 'false',
            'declared_scope': "'person'",
            'actor': "'subject'",
            'notice_version': 'notice_version',
            'language': 'language',
            'collection_point': 'page_url',
            'method': "'banner:' || coalesce(action, 'unknown')",
            'evidence_ref': 'event_id',
            'raw_signal': "signal_source || ':' || consent_string",
            'event_at': 'event_at',
            'changed_at': 'event_at',
            'time_precision': "'exact'",
            'received_at': 'received_at',
        }) }}
    from subjects
)

select * from final
{% endif %}
