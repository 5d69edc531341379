-- Replaying the events gives exactly the ids that records have: an id is in use if it was last given, not last merged or retired.
with turns as (
    select new_customer_id as customer_id, ledger_version, 1 as is_given from {{ ref('customer_id_events') }}
    where new_customer_id is not null
    union all
    select old_customer_id as customer_id, ledger_version, 0 as is_given from {{ ref('customer_id_events') }}
    where event_type in ('merged', 'retired')
),

replayed as (
    select customer_id
    from turns
    group by customer_id
    having max(2 * ledger_version + is_given) % 2 = 1
),

used as (
    select distinct customer_id from {{ ref('customer_id_ledger') }}
    where removed_at is null
)

select
    replayed.customer_id as replayed_customer_id,
    used.customer_id as used_customer_id
from replayed
full outer join used on replayed.customer_id = used.customer_id
where replayed.customer_id is null or used.customer_id is null
