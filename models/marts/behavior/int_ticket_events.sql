{{ config(enabled=var('zendesk_enabled'), schema='intermediate', materialized='view') }}

with customer_ids as (
    select * from {{ ref('customer_ids') }}
),

happened as (
    select
        'zendesk:ticket:' || ticket_id as event_id,
        'ticket_opened' as event_type,
        record_id,
        created_at as occurred_at,
        ticket_id
    from {{ ref('stg_zendesk__tickets') }}
    union all
    select
        'zendesk:rating:' || satisfaction_rating_id as event_id,
        'ticket_rated' as event_type,
        record_id,
        created_at as occurred_at,
        ticket_id
    from {{ ref('stg_zendesk__satisfaction_ratings') }}
    -- What was only asked for is no rating yet.
    where score in ('good', 'bad')
),

final as (
    select
        happened.event_id,
        'zendesk' as source_name,
        'help desk' as channel,
        happened.event_type,
        customer_ids.customer_id,
        happened.occurred_at,
        'zendesk:ticket:' || happened.ticket_id as reference_id
    from happened
    left join customer_ids on happened.record_id = customer_ids.record_id
)

select * from final
