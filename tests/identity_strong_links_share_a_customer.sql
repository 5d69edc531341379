-- A must-link that is not over its limit holds, unless something stronger keeps the clusters of its records apart.
with links as (
    select left_key, right_key, identifier_type, is_manual from {{ ref('identity_strong_links') }}
    where not is_over_limit
),

clusters as (
    select record_key, cluster_key, count(*) over (partition by cluster_key) as record_count from {{ ref('identity_clusters') }}
),

kept_apart as (
    select l.cluster_key as left_cluster, r.cluster_key as right_cluster, cannot_links.is_absolute
    from {{ ref('identity_cannot_links') }} as cannot_links
    inner join clusters as l on cannot_links.left_key = l.record_key
    inner join clusters as r on cannot_links.right_key = r.record_key
),

apart as (
    select left_cluster, right_cluster, is_absolute from kept_apart
    union all
    select right_cluster as left_cluster, left_cluster as right_cluster, is_absolute from kept_apart
),

feeds as (
    select distinct clusters.cluster_key, kept.feed_number
    from {{ ref('identity_kept_apart') }} as kept
    inner join clusters on kept.record_key = clusters.record_key
),

broken as (
    select
        links.*,
        l.cluster_key as left_cluster,
        r.cluster_key as right_cluster,
        l.record_count + r.record_count as record_count
    from links
    left join clusters as l on links.left_key = l.record_key
    left join clusters as r on links.right_key = r.record_key
    where l.cluster_key is distinct from r.cluster_key or l.cluster_key is null
)

select broken.*
from broken
left join apart
    on
        broken.left_cluster = apart.left_cluster
        and broken.right_cluster = apart.right_cluster
        and (apart.is_absolute or not broken.is_manual)
left join feeds as l on broken.left_cluster = l.cluster_key and not broken.is_manual
left join feeds as r on broken.right_cluster = r.cluster_key and l.feed_number = r.feed_number
where
    apart.left_cluster is null
    and r.cluster_key is null
    {% if var('identity_max_cluster_records') %}
    and coalesce(broken.record_count <= {{ var('identity_max_cluster_records') }}, true)
    {% endif %}
