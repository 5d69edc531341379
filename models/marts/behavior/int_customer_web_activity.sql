{{ config(enabled=var('segment_enabled'), schema='intermediate') }}

with as_of as (
    select {{ as_of() }} as as_of_at
),

visitors as (
    select * from {{ ref('int_web_visitors') }}
),

events as (
    select
        user_id,
        anonymous_id,
        occurred_at,
        1 as page_view
    from {{ ref('stg_segment__pages') }}
    union all
    select
        user_id,
        anonymous_id,
        occurred_at,
        0 as page_view
    from {{ ref('stg_segment__tracks') }}
),

-- Counted per visitor first: events are many, visitors few.
by_visitor as (
    select
        events.user_id,
        events.anonymous_id,
        max(events.occurred_at) as last_visit_at,
        sum(events.page_view) filter (where {{ dbt.dateadd('day', -var('web_activity_days'), 'as_of.as_of_at') }} < events.occurred_at) as page_views,
        sum(1 - events.page_view) filter (where {{ dbt.dateadd('day', -var('web_activity_days'), 'as_of.as_of_at') }} < events.occurred_at) as actions
    from events
    cross join as_of
    where events.occurred_at <= as_of.as_of_at
    group by events.user_id, events.anonymous_id
),

final as (
    select
        coalesce(logins.customer_id, browsers.customer_id) as customer_id,
        max(by_visitor.last_visit_at) as last_web_visit_at,
        coalesce(sum(by_visitor.page_views), 0) as recent_page_views,
        coalesce(sum(by_visitor.actions), 0) as recent_web_actions
    from by_visitor
    left join visitors as logins
        on
            logins.identifier_type = 'user_id'
            and by_visitor.user_id = logins.identifier_value
    left join visitors as browsers
        on
            browsers.identifier_type = 'anonymous_id'
            and by_visitor.anonymous_id = browsers.identifier_value
    where coalesce(logins.customer_id, browsers.customer_id) is not null
    group by coalesce(logins.customer_id, browsers.customer_id)
)

select
    customer_id,
    last_web_visit_at,
    cast(recent_page_views as bigint) as recent_page_views,
    cast(recent_web_actions as bigint) as recent_web_actions
from final
