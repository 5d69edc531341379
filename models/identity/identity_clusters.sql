{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
{# The cluster of every record. Who matches nobody is a cluster alone. #}
-- depends_on: {{ ref('identity_reclustered_records') }}
with features as (
    select record_key, record_id
    from {{ ref('identity_features') }}
    {% if is_incremental() %}
    where record_key in (select record_key from {{ ref('identity_reclustered_records') }})
    {% endif %}
),

final as (
    select
        features.record_id,
        features.record_key,
        coalesce(clusters.cluster_key, features.record_key) as cluster_key,
        coalesce(clusters.is_full, false) as is_full
    from features
    left join {{ ref('identity_component_clusters') }} as clusters on features.record_key = clusters.record_key
)

select * from final
