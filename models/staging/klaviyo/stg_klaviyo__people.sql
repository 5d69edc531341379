{{ config(enabled=var('klaviyo_enabled'), cluster_by='record_id') }}

with people as (

    select * from {{ raw_rows('klaviyo', 'person', normalized=true) }} as people

),

final as (

    select
        'klaviyo:person:' || id as record_id,
        id as source_record_id,
        first_name as given_name,
        last_name as family_name,
        email,
        phone_number as phone,
        address_1 as street_address,
        city,
        region,
        zip as postal_code,
        country,
        organization as company_name,
        title as job_title,
        timezone as time_zone,
        external_id,
        lower(custom_consent) as custom_consent,
        custom_consent_timestamp as consent_at,
        custom_accepts_marketing as accepts_marketing,
        custom_sms_consent as sms_consent,
        created as created_at,
        updated as updated_at
    from people

)

select * from final
