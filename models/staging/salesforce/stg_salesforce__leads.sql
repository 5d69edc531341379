{{ config(enabled=var('salesforce_enabled')) }}

with leads as (

    select * from {{ raw_rows('salesforce', 'lead', normalized=true) }} as leads

),

final as (

    select
        'salesforce:lead:' || id as record_id,
        id as source_record_id,
        coalesce(first_name, case when last_name is null then name__given_name end) as given_name,
        case when first_name is null and last_name is null then name__middle_name end as middle_name,
        coalesce(last_name, case when first_name is null then name__family_name end) as family_name,
        name as full_name,
        email,
        coalesce(mobile_phone, phone) as phone,
        case when mobile_phone is not null then phone end as secondary_phone,
        street as street_address,
        city,
        state as region,
        postal_code,
        coalesce(country_code, country) as country,
        company as company_name,
        industry,
        title as job_title,
        lead_source,
        status as lead_status,
        coalesce(is_converted, false) as is_converted,
        converted_contact_id,
        converted_account_id,
        converted_date as converted_at,
        has_opted_out_of_email as is_email_opted_out,
        created_date as created_at,
        last_modified_date as updated_at
    from leads

)

select * from final
