{{ config(enabled=var('enrichment_enabled')) }}

with companies as (

    select * from {{ raw_rows('enrichment', 'company', normalized=true) }} as companies

),

final as (

    select
        company_id,
        company_name,
        website,
        industry,
        employee_count,
        annual_revenue,
        founded_year,
        phone,
        street_address,
        city,
        region,
        postal_code,
        country,
        parent_company_id,
        observed_at
    from companies

)

select * from final
