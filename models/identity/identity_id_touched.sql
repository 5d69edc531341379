{#
    The records for which the ledger of customer ids may have to change. A cluster whose records all had one id, and no other cluster
    any record of that id, keeps it: such clusters, nearly all, are settled here by counting and their known records leave no row.
#}
with clusters as (
    select record_id, record_key, cluster_key from {{ ref('identity_clusters') }}
),

previous as (
    select record_id, customer_id, is_removed from {{ ref('identity_id_previous') }}
),

history as (
    select * from {{ ref('identity_id_history') }}
),

successors as (
    select record_id, cluster_key from {{ ref('identity_id_successors') }}
),

merged_ids as (
    select distinct old_customer_id as customer_id from history
    where event_type = 'merged'
),

{{ customer_id_states('merged_ids') }},

{{ customer_id_redirect_ends() }},

-- A record that comes back counts as what its last customer is now. Only ids of removed records can have been merged away.
compared as (
    select
        coalesce(clusters.record_id, previous.record_id) as record_id,
        clusters.record_key,
        clusters.cluster_key,
        coalesce(redirect_ends.current_customer_id, previous.customer_id) as old_customer_id,
        coalesce(previous.is_removed, false) as was_removed,
        clusters.record_id is null as is_gone
    from clusters
    full outer join previous on clusters.record_id = previous.record_id
    left join redirect_ends on previous.customer_id = redirect_ends.customer_id
    where clusters.record_id is not null or not previous.is_removed
),

-- What was merged in its source counts for the record that remained, whenever it went.
merged_records as (
    select
        previous.record_id,
        successors.cluster_key,
        coalesce(redirect_ends.current_customer_id, previous.customer_id) as old_customer_id
    from successors
    inner join previous on successors.record_id = previous.record_id
    left join redirect_ends on previous.customer_id = redirect_ends.customer_id
),

-- But only for a customer that nothing is left of: one with other records goes on with these.
living_ids as (
    select distinct compared.old_customer_id
    from compared
    semi join merged_records on compared.old_customer_id = merged_records.old_customer_id
    where compared.cluster_key is not null
),

succeeded as (
    select merged_records.*
    from merged_records
    left join living_ids on merged_records.old_customer_id = living_ids.old_customer_id
    where living_ids.old_customer_id is null
),

placed as (
    select compared.*
    from compared
    left join succeeded on compared.record_id = succeeded.record_id
    where succeeded.record_id is null
    union all
    select
        record_id,
        cast(null as integer) as record_key,
        cluster_key,
        old_customer_id,
        false as was_removed,
        true as is_gone
    from succeeded
),

shares as (
    select
        cluster_key,
        old_customer_id,
        bool_and(was_removed or is_gone) as is_back
    from placed
    where cluster_key is not null and old_customer_id is not null
    group by cluster_key, old_customer_id
),

shared_ids as (
    select old_customer_id from shares
    group by old_customer_id
    having count(*) > 1
),

-- An id that only records which were gone stand for may be given to somebody else in the same run: it is not settled either.
contested as (
    select cluster_key from shares
    group by cluster_key
    having count(*) > 1 or bool_or(is_back)
    union
    select shares.cluster_key
    from shares
    inner join shared_ids on shares.old_customer_id = shared_ids.old_customer_id
),

touched as (
    select
        placed.*,
        contested.cluster_key is not null as is_contested
    from placed
    left join contested on placed.cluster_key = contested.cluster_key
    where
        placed.cluster_key is null
        or placed.old_customer_id is null
        or placed.was_removed
        or contested.cluster_key is not null
),

held_ids as (
    select distinct old_customer_id from shares
),

final as (
    select
        touched.record_id,
        touched.record_key,
        touched.cluster_key,
        touched.old_customer_id,
        touched.was_removed,
        touched.is_gone,
        touched.is_contested,
        case when not touched.is_contested then shares.old_customer_id end as settled_customer_id,
        held_ids.old_customer_id is not null as is_old_id_held
    from touched
    -- One row at most for a cluster that is not contested; a contested one has several ids and none is settled.
    left join shares on not touched.is_contested and touched.cluster_key = shares.cluster_key
    left join held_ids on touched.old_customer_id = held_ids.old_customer_id
)

select * from final
-- A dry run (dbt build --empty) sees no clusters; it must not write that everybody has gone.
{% if flags.EMPTY %}where false{% endif %}
