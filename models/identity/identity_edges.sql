{{ config(materialized='view') }}
{#
    Every scored pair with its verdict, for people to read. A view: the keys and weights are stored once, in identity_scored_pairs.
#}
with pairs as (
    select * from {{ ref('identity_scored_pairs') }}
),

clusters as (
    select * from {{ ref('identity_clusters') }}
),

final as (
    select
        l.record_id as left_record_id,
        r.record_id as right_record_id,
        pairs.match_weight,
        1.0 / (1.0 + power(2, -greatest(least(pairs.match_weight, 500), -500))) as match_probability,
        pairs.pattern,
        pairs.rules,
        {{ frequency_total('pairs') }} as frequency_bits,
        l.cluster_key = r.cluster_key as is_linked,
        case
            when l.cluster_key = r.cluster_key and pairs.match_weight >= {{ var('identity_threshold') }} then 'match'
            when l.cluster_key = r.cluster_key then 'linked through other records'
            when pairs.match_weight >= {{ var('identity_threshold') }} then 'cut: the clusters as a whole do not match'
            when pairs.is_household_likely then 'household rather than person'
            else 'too little evidence'
        end as verdict
    from pairs
    inner join clusters as l on pairs.left_key = l.record_key
    inner join clusters as r on pairs.right_key = r.record_key
)

select * from final
