{{ config(enabled=var('thirdparty_enabled'), cluster_by='device_id') }}

with device_segments as (

    select * from {{ raw_rows('thirdparty', 'device_segment', normalized=true) }} as device_segments

),

final as (

    select
        device_id,
        device_id_type,
        provider,
        segment_code,
        segment_name,
        confidence,
        observed_at,
        expires_on,
        country
    from device_segments

)

select * from final
