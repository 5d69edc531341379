{{ config(materialized='trained') }}
{#
    How two strangers compare: the patterns of pairs drawn at random. The draw is a hash of a counter, so that it is the same in every
    run and on every engine thread.
#}
{%- set draws = var('identity_random_pairs') -%}

with totals as (
    select count(*) as record_count from {{ ref('identity_features') }}
),

draws as (
    select
        {{ hash_key(["i", "'left'"]) }} % totals.record_count as left_key,
        {{ hash_key(["i", "'right'"]) }} % totals.record_count as right_key
    from {{ integer_series(draws) }} as series
    cross join totals
    where totals.record_count > 1
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
