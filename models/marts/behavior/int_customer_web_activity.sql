{{ config(enabled=var('segment_enabled'), schema='intermediate') }}

with as_of as (
    select {{ as_of() }} as as_of_at
),

events as (
    select customer_id, event_kind, occurred_at
    from {{ ref('int_web_events') }}
    where customer_id is not null
),

final as (
    select
        events.customer_id,
        max(events.occurred_at) as last_web_visit_at,
        cast(count(*) filter (
            where events.event_kind = 'page' and {{ dbt.dateadd('day', -var('web_activity_days'), 'as_of.as_of_at') }} < events.occurred_at
        ) as bigint) as recent_page_views,
        cast(count(*) filter (
            where events.event_kind = 'track' and {{ dbt.dateadd('day', -var('web_activity_days'), 'as_of.as_of_at') }} < events.occurred_at
        ) as bigint) as recent_web_actions
    from events
    cross join as_of
    where events.occurred_at <= as_of.as_of_at
    group by events.customer_id
)

select * from final
