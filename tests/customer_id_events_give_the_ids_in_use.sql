-- Replaying the events gives exactly the ids that records have.
with replayed as (
    select customer_id from {{ ref('customer_id_registry') }}
    where status = 'live'
),

used as (
    select distinct customer_id from {{ ref('customer_ids') }}
)

select
    replayed.customer_id as replayed_customer_id,
    used.customer_id as used_customer_id
from replayed
full outer join used on replayed.customer_id = used.customer_id
where replayed.customer_id is null or used.customer_id is null
