{{ config(enabled=var('pos_enabled')) }}

with stores as (

    select * from {{ raw_rows('pos', 'store', normalized=true) }} as stores

),

final as (

    select
        store_id,
        name as store_name,
        street as street_address,
        city,
        postal_code,
        country,
        latitude,
        longitude,
        opened_on as opened_date
    from stores

)

select * from final
