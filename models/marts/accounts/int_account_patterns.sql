{{ config(schema='intermediate') }}
{#
    What the match weights of accounts are learned from: how often each pattern of agreement occurs among the pairs that blocking found,
    and among pairs drawn at random.
#}
with records as (
    select * from {{ ref('int_account_records') }}
),

draws as (
    {{ random_pairs(var('account_random_pairs') | int, 'records') }}
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
