{{ config(enabled=var('segment_enabled')) }}

with tracks as (

    select * from {{ raw_rows('segment', 'tracks') }} as tracks

),

final as (

    select
        id as event_id,
        anonymous_id,
        user_id,
        context_device_id as device_id,
        context_device_type as device_type,
        event as event_name,
        event_text as event_label,
        context_page_path as page_path,
        context_page_url as page_url,
        context_campaign_source as campaign_source,
        context_campaign_medium as campaign_medium,
        context_campaign_name as campaign_name,
        context_library_name as library_name,
        coalesce("timestamp", original_timestamp, sent_at, received_at) as occurred_at,
        received_at
    from tracks

)

select
    event_id,
    anonymous_id,
    user_id,
    device_id,
    device_type,
    event_name,
    event_label,
    page_path,
    page_url,
    campaign_source,
    campaign_medium,
    campaign_name,
    library_name,
    occurred_at,
    received_at
from final
