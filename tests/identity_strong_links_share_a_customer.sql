-- A strong identifier that is not over its limit proves one person: its records are one customer, whatever else they say.
with links as (
    select left_key, right_key, identifier_type from {{ ref('identity_strong_links') }}
    where not is_over_limit
),

clusters as (
    select record_key, record_id, cluster_key from {{ ref('identity_clusters') }}
)

select
    l.record_id as left_record_id,
    r.record_id as right_record_id,
    links.identifier_type
from links
left join clusters as l on links.left_key = l.record_key
left join clusters as r on links.right_key = r.record_key
where l.cluster_key is distinct from r.cluster_key or l.cluster_key is null
