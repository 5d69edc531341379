{{ config(
    enabled=var('klaviyo_enabled'),
    cluster_by='record_id',
    materialized='incremental',
    incremental_strategy='restate',
    unique_key='event_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {
        'touched_by': 'event_id', 'raw': ['klaviyo', 'event'], 'macros': ['klaviyo_metric_names'], 'logged': {'event_id': 'event_id'},
    }}
) }}

with events as (

    select * from {{ raw_rows('klaviyo', 'event', only_touched=true) }} as events

),

metrics as (

    select * from {{ ref('stg_klaviyo__metrics') }}

),

-- An event may say of what kind it is by its metric alone.
final as (

    select
        events.id as event_id,
        events.person_id,
        case when events.person_id is not null then 'klaviyo:person:' || events.person_id end as record_id,
        events.campaign_id,
        events.flow_id,
        events.metric_id,
        coalesce(nullif(events.type, events.metric_id), metrics.metric_name, events.type) as event_type,
        coalesce(events.datetime, events.timestamp) as occurred_at,
        events.property_value
    from events
    left join metrics on events.metric_id = metrics.metric_id

)

select * from final
