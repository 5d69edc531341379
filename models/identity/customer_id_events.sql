{#- What happened to ids cannot be rebuilt from the present state, so a full refresh leaves this log alone. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ remove_unfinished_customer_id_events() }}",
) }}

with transitions as (
    select * from {{ ref('identity_id_transitions') }}
),

merge_causes as (
    select * from {{ ref('identity_id_merge_causes') }}
),

completed as (
    select coalesce(max(ledger_version), 0) as ledger_version from {{ ref('identity_id_previous') }}
),

losses as (
    select distinct old_customer_id from {{ ref('identity_id_changes') }}
    where new_customer_id is null
),

touched as (
    select record_id, cluster_key, old_customer_id from {{ ref('identity_id_touched') }}
    where is_contested
),

decided_apart as (
    select left_record_id, right_record_id from {{ ref('identity_overrides') }}
    where is_active and decision = 'cannot_link'
),

-- Records of one customer that people have told apart, and that are in different clusters now.
separated_records as (
    select
        l.old_customer_id,
        l.cluster_key as left_cluster_key,
        r.cluster_key as right_cluster_key,
        decided_apart.left_record_id || ' ~ ' || decided_apart.right_record_id || ', manual decision' as detail
    from decided_apart
    inner join touched as l on decided_apart.left_record_id = l.record_id
    inner join touched as r on decided_apart.right_record_id = r.record_id
    where l.old_customer_id = r.old_customer_id and l.cluster_key <> r.cluster_key
),

separations as (
    select old_customer_id, cluster_key, min(detail) as detail
    from (
        select old_customer_id, left_cluster_key as cluster_key, detail from separated_records
        union all
        select old_customer_id, right_cluster_key as cluster_key, detail from separated_records
    ) as sides
    group by old_customer_id, cluster_key
),

causes as (
    select
        transitions.event_id,
        transitions.event_type,
        transitions.old_customer_id,
        transitions.new_customer_id,
        transitions.record_count,
        transitions.ledger_version,
        case
            when transitions.event_type = 'created' and transitions.ledger_version = 1 then 'first run'
            when transitions.event_type = 'created' then 'new records'
            when transitions.event_type = 'retired' then 'records deleted'
            when transitions.event_type = 'merged' then merge_causes.cause
            when transitions.event_type = 'restored' and transitions.old_customer_id is not null then 'merge undone'
            when transitions.event_type = 'restored' then 'new records'
            when separations.detail is not null then 'manual decision'
            when losses.old_customer_id is not null then 'records deleted'
            else 'changed evidence'
        end as cause,
        coalesce(merge_causes.cause_detail, separations.detail) as cause_detail
    from transitions
    left join merge_causes
        on
            transitions.event_type = 'merged'
            and transitions.old_customer_id = merge_causes.old_customer_id
            and transitions.new_customer_id = merge_causes.new_customer_id
    left join losses on transitions.old_customer_id = losses.old_customer_id
    left join separations
        on
            transitions.event_type in ('split', 'restored')
            and transitions.old_customer_id = separations.old_customer_id
            and transitions.cluster_key = separations.cluster_key
),

final as (
    select
        causes.event_id,
        {{ this_run_at() }} as happened_at,
        {{ this_run_id() }} as run_id,
        causes.ledger_version,
        causes.event_type,
        causes.old_customer_id,
        causes.new_customer_id,
        causes.record_count,
        causes.cause,
        causes.cause_detail
    from causes
    -- What is in the ledger already has its events: this model alone, run again, adds nothing.
    inner join completed on causes.ledger_version = completed.ledger_version + 1
)

select * from final
