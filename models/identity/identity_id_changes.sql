{# What changes in the ledger of customer ids: records that are new, gone, back, or have another customer. #}
with touched as (
    select * from {{ ref('identity_id_touched') }}
),

founders as (
    select cluster_key, customer_id from {{ ref('identity_id_founders') }}
    where not is_undecided
),

choices as (
    select cluster_key, customer_id from {{ ref('identity_id_choices') }}
),

contested_ids as (
    select distinct customer_id from {{ ref('identity_id_overlaps') }}
),

completed as (
    select coalesce(max(ledger_version), 0) as ledger_version from {{ ref('identity_id_previous') }}
),

assigned as (
    select
        touched.record_id,
        touched.cluster_key,
        touched.old_customer_id,
        coalesce(touched.settled_customer_id, choices.customer_id, founders.customer_id) as new_customer_id,
        touched.was_removed,
        touched.is_gone,
        touched.is_old_id_held and (contested_ids.customer_id is null or kept.customer_id is not null) as is_old_id_kept
    from touched
    left join founders on touched.cluster_key = founders.cluster_key
    left join choices on touched.cluster_key = choices.cluster_key
    left join contested_ids on touched.old_customer_id = contested_ids.customer_id
    left join choices as kept on touched.old_customer_id = kept.customer_id
),

final as (
    select
        assigned.record_id,
        assigned.cluster_key,
        assigned.old_customer_id,
        assigned.new_customer_id,
        assigned.was_removed,
        assigned.is_gone,
        assigned.is_old_id_kept,
        completed.ledger_version + 1 as ledger_version
    from assigned
    cross join completed
    where
        assigned.was_removed
        or assigned.is_gone
        or assigned.old_customer_id is null
        or assigned.old_customer_id <> assigned.new_customer_id
)

select * from final
