{#
    The customer of every record. A customer id is derived from the first record of its cluster, so that a rebuild from nothing gives
    the same ids.
#}
with clusters as (
    select * from {{ ref('identity_clusters') }}
),

records as (
    select record_id, created_at from {{ ref('identity_records') }}
),

founders as (
    select
        clusters.cluster_key,
        clusters.record_id
    from clusters
    inner join records on clusters.record_id = records.record_id
    qualify row_number() over (partition by clusters.cluster_key order by records.created_at nulls last, clusters.record_id) = 1
),

final as (
    select
        clusters.record_id,
        concat('c', substr(md5(founders.record_id), 1, 16)) as customer_id
    from clusters
    inner join founders on clusters.cluster_key = founders.cluster_key
)

select * from final
