{{ config(schema='intermediate', cluster_by='customer_id') }}
{#
    The record of a customer that is tied least: each record by its best evidence with another record of the customer, of which the least
    counts. What strong identifiers or people tie is proven and no weaker than the evidence beside it.
#}
with clusters as (
    select record_key, record_id, cluster_key from {{ ref('identity_clusters') }}
),

links as (
    select left_key, right_key from {{ ref('identity_strong_links') }}
    where not is_over_limit
),

proven as (
    select left_key as record_key from links
    union
    select right_key as record_key from links
),

inside as (
    select
        pairs.left_key,
        pairs.right_key,
        pairs.match_weight
    from {{ ref('identity_scored_pairs') }} as pairs
    inner join clusters as l on pairs.left_key = l.record_key
    inner join clusters as r on pairs.right_key = r.record_key
    where l.cluster_key = r.cluster_key
),

ties as (
    select left_key as record_key, match_weight from inside
    union all
    select right_key as record_key, match_weight from inside
),

best as (
    select record_key, max(match_weight) as match_weight
    from ties
    group by record_key
),

sizes as (
    select cluster_key
    from clusters
    group by cluster_key
    having count(*) > 1
),

judged as (
    select
        clusters.record_id,
        proven.record_key is not null as is_proven,
        best.match_weight
    from clusters
    inner join sizes on clusters.cluster_key = sizes.cluster_key
    left join proven on clusters.record_key = proven.record_key
    left join best on clusters.record_key = best.record_key
),

final as (
    select
        ids.customer_id,
        count(*) filter (where judged.is_proven) as proven_record_count,
        min(judged.match_weight) filter (where not judged.is_proven) as weakest_link_bits
    from judged
    inner join {{ ref('customer_ids') }} as ids on judged.record_id = ids.record_id
    group by ids.customer_id
)

select
    customer_id,
    cast(proven_record_count as bigint) as proven_record_count,
    -- A sum of weights differs in its last digits with the order of its parts.
    round(cast(weakest_link_bits as double), 6) as weakest_link_bits
from final
