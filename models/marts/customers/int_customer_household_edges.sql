{{ config(schema='intermediate') }}
{#
    Pairs of customers of whom the linkage has compared records and found them likelier of one household than strangers.
#}
with edges as (
    select left_key, right_key from {{ ref('identity_scored_pairs') }}
    where is_household_likely
),

clusters as (
    select record_key, record_id, cluster_key from {{ ref('identity_clusters') }}
),

-- Clusters first, on integers: most edges are inside one customer or repeat a pair of customers.
cluster_pairs as (
    select
        least(l.cluster_key, r.cluster_key) as low_cluster,
        greatest(l.cluster_key, r.cluster_key) as high_cluster,
        count(*) as edge_count
    from edges
    inner join clusters as l on edges.left_key = l.record_key
    inner join clusters as r on edges.right_key = r.record_key
    where l.cluster_key <> r.cluster_key
    group by least(l.cluster_key, r.cluster_key), greatest(l.cluster_key, r.cluster_key)
),

-- A cluster is named by its first record.
customers as (
    select clusters.cluster_key, ids.customer_id
    from clusters
    inner join {{ ref('customer_ids') }} as ids on clusters.record_id = ids.record_id
    where clusters.record_key = clusters.cluster_key
),

final as (
    select
        least(l.customer_id, r.customer_id) as left_customer_id,
        greatest(l.customer_id, r.customer_id) as right_customer_id,
        sum(cluster_pairs.edge_count) as edge_count
    from cluster_pairs
    inner join customers as l on cluster_pairs.low_cluster = l.cluster_key
    inner join customers as r on cluster_pairs.high_cluster = r.cluster_key
    where l.customer_id <> r.customer_id
    group by least(l.customer_id, r.customer_id), greatest(l.customer_id, r.customer_id)
)

select
    left_customer_id,
    right_customer_id,
    cast(edge_count as bigint) as edge_count
from final
