-- A block costs the square of its records: a rule finds no pair in a block over the cap.
with keys as (
    select block_key, record_key from {{ ref('identity_blocking_keys') }}
),

large as (
    select block_key
    from keys
    group by block_key
    having count(*) > {{ var('identity_block_cap') }}
),

pairs as (
    select left_key, right_key, rules from {{ ref('identity_comparisons') }}
),

final as (
    select pairs.left_key, pairs.right_key, large.block_key
    from large
    inner join keys as l on large.block_key = l.block_key
    inner join pairs on l.record_key = pairs.left_key
    inner join keys as r on large.block_key = r.block_key and pairs.right_key = r.record_key
    where (pairs.rules >> cast(large.block_key & 63 as integer)) & 1 = 1
)

select * from final
