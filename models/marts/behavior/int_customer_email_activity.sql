{{ config(enabled=var('klaviyo_enabled'), schema='intermediate') }}

with as_of as (
    select
        as_of_at,
        {{ dbt.dateadd('day', -var('email_engagement_days'), 'as_of_at') }} as earliest_at
    from {{ ref('as_of_time') }}
),

customer_ids as (
    select * from {{ ref('customer_ids') }}
),

-- Counted per profile first: events are many, profiles few.
by_profile as (
    select
        events.record_id,
        count(*) filter (where lower(events.event_type) = 'received email' and events.occurred_at > as_of.earliest_at) as received,
        count(*) filter (where lower(events.event_type) = 'opened email' and events.occurred_at > as_of.earliest_at) as opens,
        count(*) filter (where lower(events.event_type) = 'clicked email' and events.occurred_at > as_of.earliest_at) as clicks,
        max(events.occurred_at) filter (where lower(events.event_type) in ('opened email', 'clicked email')) as last_engaged_at
    from {{ ref('stg_klaviyo__events') }} as events
    inner join as_of
        on events.occurred_at <= as_of.as_of_at
    group by events.record_id
),

final as (
    select
        customer_ids.customer_id,
        sum(by_profile.received) as recent_emails_received,
        sum(by_profile.opens) as recent_email_opens,
        sum(by_profile.clicks) as recent_email_clicks,
        max(by_profile.last_engaged_at) as last_email_engaged_at
    from by_profile
    inner join customer_ids
        on by_profile.record_id = customer_ids.record_id
    group by customer_ids.customer_id
)

select
    customer_id,
    cast(recent_emails_received as bigint) as recent_emails_received,
    cast(recent_email_opens as bigint) as recent_email_opens,
    cast(recent_email_clicks as bigint) as recent_email_clicks,
    last_email_engaged_at
from final
