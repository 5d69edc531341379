{{ config(materialized='trained') }}
{# How two strangers compare: the patterns of pairs drawn at random. #}
with draws as (
    {{ random_pairs(var('identity_random_pairs'), ref('identity_features')) }}
),

patterns as (
    select {{ pattern_sql() }} as pattern
    from draws
    inner join {{ ref('identity_features') }} as l on draws.left_key = l.record_key
    inner join {{ ref('identity_features') }} as r on draws.right_key = r.record_key
    where draws.left_key <> draws.right_key
)

select pattern, count(*) as pair_count
from patterns
group by pattern
