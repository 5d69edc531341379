-- cluster_key names a member of its own cluster, so that it does not depend on the order of merges.
with clusters as (
    select record_key, cluster_key from {{ ref('identity_clusters') }}
)

select clusters.record_key, clusters.cluster_key
from clusters
left join clusters as named on clusters.cluster_key = named.record_key
where named.cluster_key is distinct from clusters.cluster_key
