-- Random pairs are drawn by number and clusters are arrays by number: the keys of n records are 0 to n - 1.
with features as (
    select min(record_key) as smallest, max(record_key) as largest, count(*) as record_count from {{ ref('identity_features') }}
)

select * from features
where record_count > 0 and (smallest <> 0 or largest <> record_count - 1)
