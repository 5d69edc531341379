{{ config(enabled=var('truth_enabled')) }}

with people as (

    select * from {{ raw_rows('truth', 'person') }} as people

),

final as (

    select
        person_id,
        household_id,
        birth_date,
        given_name,
        family_name,
        country,
        email,
        phone
    from people

)

select * from final
