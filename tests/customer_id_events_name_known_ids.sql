-- An id is given before anything else happens to it, and each type of event names the ids that it needs.
with events as (
    select event_id, ledger_version, event_type, old_customer_id, new_customer_id from {{ ref('customer_id_events') }}
),

given_ids as (
    select
        new_customer_id as customer_id,
        min(ledger_version) as since_version
    from events
    where new_customer_id is not null
    group by new_customer_id
)

select
    events.event_id,
    'the old id was not in use before' as problem
from events
left join given_ids on events.old_customer_id = given_ids.customer_id
where events.old_customer_id is not null and coalesce(given_ids.since_version, events.ledger_version) >= events.ledger_version
union all
select
    event_id,
    'the ids do not fit the type of the event' as problem
from events
where
    case event_type
        when 'created' then old_customer_id is not null or new_customer_id is null
        when 'retired' then old_customer_id is null or new_customer_id is not null
        when 'restored' then new_customer_id is null
        else old_customer_id is null or new_customer_id is null
    end
    or old_customer_id = new_customer_id
