{{ config(schema='intermediate') }}
{#
    What the match weights of accounts are learned from: how often each pattern of agreement occurs among the pairs that blocking found,
    and among pairs drawn at random. The draw is a hash of a counter, so that it is the same in every run.
#}
with records as (
    select * from {{ ref('int_account_records') }}
),

totals as (
    select count(*) as record_count from records
),

draws as (
    select
        {{ hash_key(["i", "'left'"]) }} % totals.record_count as left_key,
        {{ hash_key(["i", "'right'"]) }} % totals.record_count as right_key
    from {{ integer_series(var('account_random_pairs') | int) }} as series
    cross join totals
    where totals.record_count > 1
),

random_pairs as (
    select {{ pattern_sql(account_comparisons()) }} as pattern
    from draws
    inner join records as l on draws.left_key = l.record_key
    inner join records as r on draws.right_key = r.record_key
    where draws.left_key <> draws.right_key
),

final as (
    select
        false as is_random,
        pattern,
        rules,
        count(*) as pair_count
    from {{ ref('int_account_pairs') }}
    group by pattern, rules
    union all
    select
        true as is_random,
        pattern,
        0 as rules,
        count(*) as pair_count
    from random_pairs
    group by pattern
)

select * from final
