{{ config(enabled=var('truth_enabled'), cluster_by='anonymous_id') }}

with devices as (

    select * from {{ raw_rows('truth', 'device') }} as devices

),

final as (

    select
        device_id,
        anonymous_id,
        person_id,
        valid_from,
        valid_to
    from devices

)

select * from final
