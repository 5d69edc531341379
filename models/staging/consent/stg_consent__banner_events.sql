{{ config(enabled=var('consent_enabled'), cluster_by='anonymous_id') }}

with banner_events as (

    select * from {{ raw_rows('consent', 'banner_event', normalized=true) }} as banner_events

),

final as (

    select
        event_id,
        anonymous_id,
        device_id,
        user_id,
        -- Nothing is said after it arrived: what claims to be is the time of a wrong clock.
        case when event_at > received_at then received_at else event_at end as event_at,
        received_at,
        lower(action) as action,
        tc_string,
        gpp_string,
        gpc,
        lower(ad_storage) as ad_storage,
        lower(analytics_storage) as analytics_storage,
        lower(ad_user_data) as ad_user_data,
        lower(ad_personalization) as ad_personalization,
        country,
        region,
        notice_version,
        language,
        page_url
    from banner_events

)

select * from final
