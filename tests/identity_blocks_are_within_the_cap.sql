-- A block costs the square of its records: none is larger than the cap, and none is of one record.
select rule_number, block_key, count(*) as record_count
from {{ ref('identity_blocking_keys') }}
group by rule_number, block_key
having count(*) > {{ var('identity_block_cap') }} or count(*) < 2
