{{ config(enabled=var('hubspot_enabled'), cluster_by='record_id') }}

with contacts as (

    select * from {{ raw_rows('hubspot', 'contact', normalized=true) }} as contacts

),

final as (

    select
        'hubspot:contact:' || cast(id as string) as record_id,
        cast(id as string) as source_record_id,
        property_firstname as given_name,
        property_lastname as family_name,
        property_date_of_birth as birth_date,
        property_gender as gender,
        property_email as email,
        coalesce(property_mobilephone, property_phone) as phone,
        case when property_mobilephone is not null then property_phone end as secondary_phone,
        property_address as street_address,
        property_city as city,
        property_state as region,
        property_zip as postal_code,
        property_country as country,
        property_company as company_name,
        cast(property_associatedcompanyid as string) as company_id,
        property_jobtitle as job_title,
        property_lifecyclestage as lifecycle_stage,
        property_loyalty_card_number as loyalty_card_number,
        property_hs_email_optout as is_email_opted_out,
        property_hs_calculated_merged_vids as merged_contact_ids,
        property_createdate as created_at,
        property_lastmodifieddate as updated_at
    from contacts

)

select * from final
