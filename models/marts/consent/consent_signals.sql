with parts as (
    {% for part in ['preferences', 'banner', 'strings', 'flags', 'engagement'] %}
    select {{ consent_signal_columns() | join(', ') }}
    from {{ ref('consent_signals_' ~ part) }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- What was put right, once or again: the address that a person's records have in place of another, the source's own where it says so itself now.
replacements as (
    select distinct
        case attribute when 'email' then 'email' else 'phone' end as identifier_type,
        replaced_value,
        value
    from {{ ref('identity_rectifications') }}
    where
        (status in ('applied', 'superseded') or value = source_value)
        and attribute in ('email', 'phone', 'secondary_phone')
        and value <> replaced_value
),

-- A refusal goes along to the right address, where a later answer for it can lift it, and so does that it was cleared, so that it can be set
-- again there; a permission stays where it was given.
heard as (
    select
        {% for column in consent_signal_columns() if column != 'identifier' %}
        parts.{{ column }},
        {% endfor %}
        parts.identifier
    from parts
    union all
    select
        {% for column in consent_signal_columns() if column != 'identifier' %}
        parts.{{ column }},
        {% endfor %}
        replacements.value as identifier
    from parts
    inner join replacements
        on
            parts.identifier_type = replacements.identifier_type
            and parts.identifier = replacements.replaced_value
    where {{ is_refusal('parts.state') }} or parts.state = 'cleared'
),

as_of as (
    select {{ as_of() }} as as_of_at
),

-- A refusal that does not say when it was made stands since it arrived, at the latest since it is seen; a permission without a time proves
-- nothing.
signals as (
    select
        {% for column in consent_signal_columns() if column != 'event_at' %}
        heard.{{ column }},
        {% endfor %}
        case
            when {{ is_refusal('heard.state') }} then coalesce(heard.event_at, heard.received_at, as_of.as_of_at)
            when heard.state = 'cleared' then coalesce(heard.event_at, as_of.as_of_at)
            else heard.event_at
        end as event_at
    from heard
    cross join as_of
),

purposes as (
    select purpose_code, level, lawful_basis
    from {{ ref('purposes') }}
),

jurisdictions as (
    select country, jurisdiction
    from {{ ref('jurisdictions') }}
),

purposes_channels as (
    select purpose_code, channel, contact_point_type
    from {{ ref('purposes_channels') }}
),

final as (
    select
        signals.signal_source,
        signals.signal_ref,
        signals.is_standing_value,
        signals.identifier_type,
        signals.identifier,
        signals.purpose_code,
        -- Purposes that concern a person as a whole know no channel.
        case when purposes.level = 'person' then 'any' else signals.channel end as channel,
        coalesce(signals.lawful_basis, purposes.lawful_basis) as lawful_basis,
        case
            when signals.country is not null then coalesce(jurisdictions.jurisdiction, 'OTHER')
        end as jurisdiction,
        signals.state,
        signals.is_explicit,
        signals.is_specific,
        signals.is_confirmation,
        -- What a refusal reaches: the one address it names, or every address of that channel the person has.
        case
            when purposes.level = 'person' then 'person'
            when signals.declared_scope = 'channel' or signals.state = 'objected' or signals.channel = 'any' then 'channel'
            when signals.identifier_type = purposes_channels.contact_point_type then 'contact_point'
            else 'channel'
        end as scope,
        signals.actor,
        signals.notice_id,
        signals.notice_version,
        signals.language,
        signals.collection_point,
        signals.method,
        signals.evidence_ref,
        signals.raw_signal,
        signals.event_at,
        signals.changed_at,
        signals.time_precision,
        signals.received_at,
        signals.valid_until,
        case
            when signals.identifier_type is null or signals.identifier is null then 'no valid identifier'
            when signals.signal_source in ('tcf', 'gpp') and signals.purpose_code is null then 'unreadable consent string'
            when signals.purpose_code is null then 'unknown purpose'
            when signals.channel is null then 'unknown channel'
            when
                purposes.level = 'messaging' and signals.channel <> 'any' and purposes_channels.channel is null
                then 'channel not in use for the purpose'
            when signals.state is null then 'unknown state'
            when signals.event_at is null then 'no time'
        end as rejection_reason
    from signals
    left join purposes on signals.purpose_code = purposes.purpose_code
    left join jurisdictions on signals.country = jurisdictions.country
    left join purposes_channels
        on signals.purpose_code = purposes_channels.purpose_code and signals.channel = purposes_channels.channel
)

select * from final
