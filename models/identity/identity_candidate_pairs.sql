{{ config(materialized='view') }}

select
    l.record_key as left_key,
    r.record_key as right_key,
    bit_or(cast(1 as bigint) << l.rule_number) as rules
from {{ ref('identity_blocking_keys') }} as l
inner join {{ ref('identity_blocking_keys') }} as r
    on l.rule_number = r.rule_number and l.block_key = r.block_key and l.record_key < r.record_key
group by l.record_key, r.record_key
