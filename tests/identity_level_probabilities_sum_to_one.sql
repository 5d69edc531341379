-- In each class a pair with a value on both sides is at exactly one level; a probability of zero would forbid a level for good.
with weights as (
    select * from {{ ref('identity_match_weights') }}
    where comparison_number >= 0
),

sums as (
    select
        comparison,
        sum(m) as m,
        sum(u) as u,
        sum(h) as h,
        least(min(m), min(u), min(h)) as smallest
    from weights
    group by comparison
)

select * from sums
where abs(m - 1) > 1e-6 or abs(u - 1) > 1e-6 or abs(h - 1) > 1e-6 or not smallest > 0
