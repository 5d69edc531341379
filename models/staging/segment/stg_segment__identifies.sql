{{ config(enabled=var('segment_enabled'), cluster_by='anonymous_id') }}

with identifies as (

    select * from {{ raw_rows('segment', 'identifies', normalized=true) }} as identifies

),

final as (

    select
        id as event_id,
        anonymous_id,
        user_id,
        context_device_id as device_id,
        context_device_type as device_type,
        context_ip as ip_address,
        first_name as given_name,
        last_name as family_name,
        birthday as birth_date,
        gender,
        email,
        phone,
        address_street as street_address,
        address_city as city,
        address_postal_code as postal_code,
        address_country as country,
        context_library_name as library_name,
        coalesce(timestamp, original_timestamp, sent_at, received_at) as occurred_at,
        received_at
    from identifies

)

select * from final
