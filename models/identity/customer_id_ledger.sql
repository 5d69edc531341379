{#- Who had which id cannot be rebuilt from the present state, so a full refresh leaves the ledger alone. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='record_id',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

with changes as (
    select * from {{ ref('identity_id_changes') }}
),

-- The ledger is written after all events of the run, never instead of them.
unwritten as (
    select transitions.event_id
    from {{ ref('identity_id_transitions') }} as transitions
    left join {{ ref('customer_id_events') }} as events on transitions.event_id = events.event_id
    where events.event_id is null
),

before as (
    {% if is_incremental() %}
    select record_id, customer_id, first_customer_id, assigned_at, removed_at from {{ this }}
    {% else %}
    {{ empty_rows({
        'record_id': 'varchar', 'customer_id': 'varchar', 'first_customer_id': 'varchar', 'assigned_at': 'timestamp',
        'removed_at': 'timestamp',
    }) }}
    {% endif %}
),

completed as (
    {% if is_incremental() %}
    select coalesce(max(ledger_version), 0) as ledger_version from {{ this }}
    {% else %}
    select 0 as ledger_version
    {% endif %}
),

-- A record that is gone keeps its row, so that it has its customer again when it comes back, and so that every run that changes
-- anything leaves its version here. One that its source has merged into another is of that one's customer from then on.
final as (
    select
        changes.record_id,
        coalesce(changes.new_customer_id, changes.old_customer_id) as customer_id,
        coalesce(before.first_customer_id, changes.new_customer_id) as first_customer_id,
        case
            when changes.new_customer_id is null or changes.new_customer_id = before.customer_id then before.assigned_at
            else {{ this_run_at() }}
        end as assigned_at,
        case when changes.is_gone then coalesce(before.removed_at, {{ this_run_at() }}) end as removed_at,
        cast(changes.ledger_version as bigint) as ledger_version,
        {{ this_run_id() }} as run_id
    from changes
    inner join completed on changes.ledger_version = completed.ledger_version + 1
    left join before on changes.record_id = before.record_id
    where not exists (select 1 from unwritten)
)

select * from final
