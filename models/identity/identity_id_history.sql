{{ config(materialized='view') }}
{# What happened to customer ids up to the last completed run. #}
with events as (
    {{ earlier_rows('customer_id_events', {
        'ledger_version': 'bigint', 'happened_at': 'timestamp', 'event_type': 'varchar', 'old_customer_id': 'varchar',
        'new_customer_id': 'varchar',
    }) }}
),

completed as (
    select max(ledger_version) as ledger_version from {{ ref('identity_id_previous') }}
),

-- Events of a run that did not reach the ledger never took effect.
final as (
    select
        events.ledger_version,
        events.happened_at,
        events.event_type,
        events.old_customer_id,
        events.new_customer_id
    from events
    inner join completed on events.ledger_version <= completed.ledger_version
)

select * from final
