{{ config(materialized='trained') }}
{#
    Counted patterns of the sampled pairs, by the set of usable rules that find them. A pair that several rules find has as many
    chances to be drawn, so each draw counts for its inverse: pair_count estimates distinct pairs in the whole data.
#}
with usable as (
    select rule_number
    from {{ ref('identity_blocking_candidates') }}
    where is_usable
),

keys as (
    select keys.block_key, keys.record_key
    from {{ ref('identity_sample_keys') }} as keys
    inner join usable on keys.block_key & 63 = usable.rule_number
    qualify count(*) over (partition by keys.block_key) between 2 and {{ var('identity_block_cap') }}
),

pairs as (
    select l.record_key as left_key, r.record_key as right_key, count(*) as draws
    from keys as l
    inner join keys as r
        on l.block_key = r.block_key and l.record_key < r.record_key
    group by l.record_key, r.record_key
),

compared_parts as (
    select
        {{ shared_parts_sql() }},
        pairs.draws,
        {{ pattern_sql() }} as pattern
    from pairs
    inner join {{ ref('identity_features') }} as l on pairs.left_key = l.record_key
    inner join {{ ref('identity_features') }} as r on pairs.right_key = r.record_key
),

compared as (
    select draws, pattern, {{ shared_rules_sql() }} as rules
    from compared_parts
),

totals as (
    select greatest(1, cast(floor(count(*) / {{ var('identity_sample_records') }}.0) as bigint)) as sampling_factor
    from {{ ref('identity_features') }}
),

usable_mask as (
    select coalesce(bit_or(cast(1 as bigint) << rule_number), 0) as mask from usable
),

final as (
    select
        compared.pattern,
        compared.rules & usable_mask.mask as rules,
        count(*) as sampled_pair_count,
        sum(totals.sampling_factor * compared.draws / greatest(bit_count(compared.rules & usable_mask.mask), 1.0)) as pair_count
    from compared
    cross join totals
    cross join usable_mask
    group by compared.pattern, compared.rules & usable_mask.mask
)

select * from final
