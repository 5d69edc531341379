{{ config(
    enabled=var('klaviyo_enabled'),
    cluster_by='record_id',
    materialized='incremental',
    incremental_strategy='restate',
    unique_key='event_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'touched_by': 'event_id', 'raw': ['klaviyo', 'event'], 'logged': {'event_id': 'event_id'}}}
) }}

with events as (

    select * from {{ raw_rows('klaviyo', 'event', only_touched=true) }} as events

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
        coalesce(datetime, timestamp) as occurred_at,
        property_value
    from events

)

select * from final
