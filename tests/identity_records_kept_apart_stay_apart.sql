-- Two records that their source keeps apart share a customer only where people have decided that records of it are one person.
with members as (
    select clusters.cluster_key, kept.feed_number, kept.record_key
    from {{ ref('identity_kept_apart') }} as kept
    inner join {{ ref('identity_clusters') }} as clusters on kept.record_key = clusters.record_key
),

decided as (
    select clusters.cluster_key
    from {{ ref('identity_strong_links') }} as links
    inner join {{ ref('identity_clusters') }} as clusters on links.left_key = clusters.record_key
    where links.is_manual
)

select members.cluster_key, members.feed_number, count(*) as record_count
from members
anti join decided on members.cluster_key = decided.cluster_key
group by members.cluster_key, members.feed_number
having count(*) > 1
