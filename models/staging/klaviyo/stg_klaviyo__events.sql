{{ config(enabled=var('klaviyo_enabled')) }}

with events as (

    select * from {{ raw_rows('klaviyo', 'event') }} as events

),

final as (

    select
        id as event_id,
        person_id,
        case when person_id is not null then 'klaviyo:person:' || person_id end as record_id,
        campaign_id,
        flow_id,
        metric_id,
        type as event_type,
        coalesce("datetime", "timestamp") as occurred_at,
        property_value
    from events

)

select
    event_id,
    person_id,
    record_id,
    campaign_id,
    flow_id,
    metric_id,
    event_type,
    occurred_at,
    property_value
from final
