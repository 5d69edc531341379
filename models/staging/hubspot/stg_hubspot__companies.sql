{{ config(enabled=var('hubspot_enabled')) }}

with companies as (

    select * from {{ raw_rows('hubspot', 'company', normalized=true) }} as companies

),

final as (

    select
        cast(id as string) as company_id,
        property_name as company_name,
        lower(property_domain) as domain,
        property_industry as industry,
        property_numberofemployees as employee_count,
        property_annualrevenue as annual_revenue,
        property_address as street_address,
        property_city as city,
        property_state as region,
        property_zip as postal_code,
        property_country as country,
        property_phone as phone,
        property_salesforceaccountid as salesforce_account_id,
        property_createdate as created_at
    from companies

)

select * from final
