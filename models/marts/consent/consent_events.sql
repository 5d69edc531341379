{#-
    The ledger is the evidence: it is only ever appended to, and a full refresh leaves it alone. Sources keep the present
    value of a flag only, so a rebuilt ledger would have lost every earlier answer.
-#}
{{ config(
    materialized='incremental',
    cluster_by='identifier',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

with signals as (
    select *
    from {{ ref('consent_signals') }}
    where rejection_reason is null
),

{% if is_incremental() %}
-- The value each standing flag had when it was last written down.
known_values as (
    select signal_ref, identifier_type, identifier, purpose_code, channel, event_id, raw_signal, event_at
    from {{ this }}
    where is_standing_value
    qualify row_number() over (
        partition by signal_ref, identifier_type, identifier, purpose_code, channel
        order by event_at desc, event_id
    ) = 1
),

-- A changed flag follows the value it replaces, whatever time the source stamps on it; an unchanged one is no news.
news as (
    select
        signals.*,
        known_values.event_id as replaces_event_id,
        case
            when known_values.event_id is null then signals.event_at
            when signals.changed_at > known_values.event_at then signals.changed_at
            else {{ dbt.dateadd('second', 1, 'known_values.event_at') }}
        end as dated_at
    from signals
    left join known_values
        on
            signals.is_standing_value
            and signals.signal_ref = known_values.signal_ref
            and signals.identifier_type = known_values.identifier_type
            and signals.identifier = known_values.identifier
            and signals.purpose_code = known_values.purpose_code
            and signals.channel = known_values.channel
    where
        (known_values.event_id is null and signals.state <> 'cleared')
        or signals.raw_signal <> known_values.raw_signal
),
{% else %}
news as (
    select
        signals.*,
        cast(null as string) as replaces_event_id,
        signals.event_at as dated_at
    from signals
    where signals.state <> 'cleared'
),
{% endif %}

keyed as (
    select
        *,
        {{ stable_key([
            'signal_source', 'signal_ref', 'identifier_type', 'identifier', 'purpose_code', 'channel', 'raw_signal',
            "case when is_standing_value then replaces_event_id end",
        ]) }} as event_id
    from news
),

final as (
    select
        event_id,
        identifier_type,
        identifier,
        purpose_code,
        channel,
        lawful_basis,
        jurisdiction,
        state,
        is_explicit,
        is_specific,
        is_confirmation,
        scope,
        actor,
        notice_id,
        notice_version,
        language,
        collection_point,
        method,
        evidence_ref,
        raw_signal,
        signal_source,
        signal_ref,
        is_standing_value,
        replaces_event_id,
        cast(dated_at as {{ dbt.type_timestamp() }}) as event_at,
        time_precision,
        received_at,
        valid_until
    from keyed
    {% if is_incremental() %}
    where not exists (
        select 1
        from {{ this }} as ledger
        where keyed.event_id = ledger.event_id
    )
    {% endif %}
)

select * from final
