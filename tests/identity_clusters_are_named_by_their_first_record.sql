-- cluster_key is the smallest record_key of its cluster, so that it does not depend on the order of merges.
with clusters as (
    select record_key, cluster_key, min(record_key) over (partition by cluster_key) as first_key from {{ ref('identity_clusters') }}
)

select * from clusters
where cluster_key <> first_key
