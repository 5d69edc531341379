select
    signal_source,
    coalesce(identifier_type, 'none') as identifier_type,
    rejection_reason,
    cast(count(*) as bigint) as signal_count,
    cast(count(*) filter (where {{ is_refusal('state') }}) as bigint) as refusal_count,
    max(event_at) as latest_event_at,
    min(signal_ref) as example_signal_ref
from {{ ref('consent_signals') }}
where rejection_reason is not null
group by signal_source, coalesce(identifier_type, 'none'), rejection_reason
