{{ config(enabled=var('salesforce_enabled')) }}

with contacts as (

    select * from {{ raw_rows('salesforce', 'contact', normalized=true) }} as contacts

),

final as (

    select
        'salesforce:contact:' || id as record_id,
        id as source_record_id,
        coalesce(first_name, case when last_name is null then name__given_name end) as given_name,
        case when first_name is null and last_name is null then name__middle_name end as middle_name,
        coalesce(last_name, case when first_name is null then name__family_name end) as family_name,
        name as full_name,
        birthdate as birth_date,
        {{ normalize_gender("replace(salutation, '.', '')") }} as gender,
        email,
        coalesce(mobile_phone, phone, home_phone) as phone,
        case
            when mobile_phone is not null then coalesce(phone, home_phone)
            when phone is not null then home_phone
        end as secondary_phone,
        mailing_street as street_address,
        mailing_city as city,
        mailing_state as region,
        mailing_postal_code as postal_code,
        coalesce(mailing_country_code, mailing_country) as country,
        title as job_title,
        account_id,
        lead_source,
        has_opted_out_of_email as is_email_opted_out,
        is_email_bounced,
        master_record_id,
        created_date as created_at,
        last_modified_date as updated_at
    from contacts

)

select * from final
