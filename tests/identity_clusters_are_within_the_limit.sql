-- No customer has more records than identity_max_cluster_records.
select cluster_key, count(*) as record_count
from {{ ref('identity_clusters') }}
group by cluster_key
having {{ 'count(*) > ' ~ var('identity_max_cluster_records') if var('identity_max_cluster_records') else 'false' }}
