-- An id is given before anything else happens to it, and is in use when it is merged away or retired for the first time.
with events as (
    select event_id, ledger_version, event_type, old_customer_id, new_customer_id from {{ ref('customer_id_events') }}
),

registry as (
    select customer_id, since_version from {{ ref('customer_id_registry') }}
)

select
    events.event_id,
    'the old id was not in use before' as problem
from events
left join registry on events.old_customer_id = registry.customer_id
where events.old_customer_id is not null and coalesce(registry.since_version, events.ledger_version) >= events.ledger_version
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
