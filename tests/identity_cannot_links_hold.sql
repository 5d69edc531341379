-- No active manual cannot-link inside a customer.
with clusters as (
    select record_key, record_id, cluster_key from {{ ref('identity_clusters') }}
)

select l.record_id as left_record_id, r.record_id as right_record_id
from {{ ref('identity_cannot_links') }} as cannot_links
inner join clusters as l on cannot_links.left_key = l.record_key
inner join clusters as r on cannot_links.right_key = r.record_key
where cannot_links.is_absolute and l.cluster_key = r.cluster_key
