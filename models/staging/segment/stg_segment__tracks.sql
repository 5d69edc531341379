{{ config(
    enabled=var('segment_enabled'),
    materialized='incremental',
    incremental_strategy='restate',
    unique_key='event_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'touched_by': 'event_id', 'raw': ['segment', 'tracks'], 'logged': {'event_id': 'event_id'}}}
) }}

with tracks as (

    select * from {{ raw_rows('segment', 'tracks', only_touched=true) }} as tracks

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
        coalesce(timestamp, original_timestamp, sent_at, received_at) as occurred_at,
        received_at
    from tracks

)

select * from final
