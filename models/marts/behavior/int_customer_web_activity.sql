{{ config(enabled=var('segment_enabled'), schema='intermediate') }}

with as_of as (
    select {{ as_of() }} as as_of_at
),

events as (
    select
        events.customer_id,
        events.event_kind,
        events.occurred_at,
        events.occurred_at <= as_of.as_of_at as has_happened,
        {{ dbt.dateadd('day', -var('web_activity_days'), 'as_of.as_of_at') }} < events.occurred_at as is_recent
    from {{ ref('int_web_events') }} as events
    cross join as_of
    where events.customer_id is not null
),

-- What is dated later counts nowhere. It is left out of the figures and not of the events: the engine takes a condition on the time for one that few
-- events meet, and then keeps all events in memory, to join the devices to them.
final as (
    select
        customer_id,
        max(occurred_at) filter (where has_happened) as last_web_visit_at,
        cast(count(*) filter (where has_happened and is_recent and event_kind = 'page') as bigint) as recent_page_views,
        cast(count(*) filter (where has_happened and is_recent and event_kind = 'track') as bigint) as recent_web_actions
    from events
    group by customer_id
)

select * from final
where last_web_visit_at is not null
