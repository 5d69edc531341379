{{ config(enabled=var('zendesk_enabled')) }}

with users as (

    select * from {{ raw_rows('zendesk', 'user', normalized=true) }} as users

),

final as (

    select
        'zendesk:user:' || cast(id as string) as record_id,
        cast(id as string) as source_record_id,
        name__given_name as given_name,
        name__middle_name as middle_name,
        name__family_name as family_name,
        name as full_name,
        email,
        phone,
        case when email is not null then verified end as is_email_verified,
        external_id,
        cast(organization_id as string) as organization_id,
        locale,
        time_zone,
        coalesce(suspended, false) as is_suspended,
        created_at,
        updated_at,
        last_login_at
    from users

)

select * from final
