{{ config(enabled=var('zendesk_enabled'), schema='intermediate') }}

with tickets as (
    select * from {{ ref('stg_zendesk__tickets') }}
),

customer_ids as (
    select * from {{ ref('customer_ids') }}
),

final as (
    select
        customer_ids.customer_id,
        count(*) as ticket_count,
        count(*) filter (where lower(tickets.status) not in ('solved', 'closed')) as open_ticket_count,
        max(tickets.created_at) as last_ticket_at
    from tickets
    inner join customer_ids
        on tickets.record_id = customer_ids.record_id
    group by customer_ids.customer_id
)

select
    customer_id,
    ticket_count,
    open_ticket_count,
    last_ticket_at
from final
