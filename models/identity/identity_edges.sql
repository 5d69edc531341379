{{ config(materialized='view') }}
{#
    Every scored pair with its verdict, for people to read. A view: the keys and weights are stored once, in identity_scored_pairs, and
    what the levels and rules are called is looked up only by those who ask.
#}
with pairs as (
    select * from {{ ref('identity_scored_pairs') }}
),

clusters as (
    select * from {{ ref('identity_clusters') }}
),

-- Pairs that people decided, and clusters that a decision keeps apart.
decided_pairs as (
    select left_key, right_key from {{ ref('identity_strong_links') }}
    where is_manual
    union
    select left_key, right_key from {{ ref('identity_cannot_links') }}
    where is_absolute
),

parted_clusters as (
    select distinct
        least(l.cluster_key, r.cluster_key) as low_cluster,
        greatest(l.cluster_key, r.cluster_key) as high_cluster
    from {{ ref('identity_cannot_links') }} as cannot_links
    inner join clusters as l on cannot_links.left_key = l.record_key
    inner join clusters as r on cannot_links.right_key = r.record_key
    where cannot_links.is_absolute
),

links as (
    select left_key, right_key
    from {{ ref('identity_strong_links') }}
    where not is_over_limit and not is_manual
),

-- A strong identifier ties all records that have it to the first of them, and so to each other.
tied as (
    select left_key as first_key, right_key as record_key from links
    union
    select left_key as first_key, left_key as record_key from links
),

-- Asked of the scored pairs alone: thousands of records may be tied to one.
tied_pairs as (
    select distinct pairs.left_key, pairs.right_key
    from pairs
    inner join tied as l on pairs.left_key = l.record_key
    inner join tied as r on pairs.right_key = r.record_key and l.first_key = r.first_key
),

final as (
    select
        l.record_id as left_record_id,
        r.record_id as right_record_id,
        pairs.match_weight,
        1.0 / (1.0 + power(2, -greatest(least(pairs.match_weight, 500), -500))) as match_probability,
        pairs.pattern,
        {%- for comparison in identity_comparisons() %}
        {{ level_label(comparison, bit_field('pairs.pattern', 5 * loop.index0, 5)) }} as {{ comparison.name }}_level,
        {%- endfor %}
        pairs.rules,
        {{ rule_names('pairs.rules') }} as blocking_rules,
        {{ frequency_total('pairs') }} as frequency_bits,
        pairs.is_household_likely,
        l.cluster_key = r.cluster_key as is_linked,
        case
            when decided_pairs.left_key is not null then 'manual decision'
            when l.cluster_key = r.cluster_key and pairs.match_weight >= {{ var('identity_threshold') }} then 'match'
            when l.cluster_key = r.cluster_key and tied_pairs.left_key is not null then 'strong identifier'
            when l.cluster_key = r.cluster_key then 'linked through other records'
            when pairs.match_weight >= {{ var('identity_threshold') }} and parted_clusters.low_cluster is not null
                then 'cut: a manual decision keeps the clusters apart'
            when pairs.match_weight >= {{ var('identity_threshold') }} and l.is_full and r.is_full
                then 'cut: too many records for one person'
            when pairs.match_weight >= {{ var('identity_threshold') }} then 'cut: the clusters as a whole do not match'
            when pairs.is_household_likely then 'household rather than person'
            else 'too little evidence'
        end as verdict
    from pairs
    inner join clusters as l on pairs.left_key = l.record_key
    inner join clusters as r on pairs.right_key = r.record_key
    left join decided_pairs on pairs.left_key = decided_pairs.left_key and pairs.right_key = decided_pairs.right_key
    left join parted_clusters
        on
            least(l.cluster_key, r.cluster_key) = parted_clusters.low_cluster
            and greatest(l.cluster_key, r.cluster_key) = parted_clusters.high_cluster
    left join tied_pairs on pairs.left_key = tied_pairs.left_key and pairs.right_key = tied_pairs.right_key
)

select * from final
