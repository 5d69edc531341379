{{ config(enabled=var('pos_enabled')) }}

with members as (

    select * from {{ raw_rows('pos', 'member', normalized=true) }} as members

),

final as (

    select
        'pos:member:' || member_id as record_id,
        member_id as source_record_id,
        first_name as given_name,
        last_name as family_name,
        birth_date,
        coalesce(gender, {{ normalize_gender("replace(title, '.', '')") }}) as gender,
        email,
        coalesce(mobile, landline) as phone,
        case when mobile is not null then landline end as secondary_phone,
        street as street_address,
        city,
        postal_code,
        country,
        card_number,
        email_opt_in,
        sms_opt_in,
        store_id,
        enrolled_at as created_at,
        updated_at
    from members

)

select * from final
