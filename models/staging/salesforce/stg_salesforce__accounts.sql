{{ config(enabled=var('salesforce_enabled')) }}

with accounts as (

    select * from {{ raw_rows('salesforce', 'account', normalized=true) }} as accounts

),

final as (

    select
        id as account_id,
        name as account_name,
        website,
        phone,
        industry,
        annual_revenue,
        number_of_employees as employee_count,
        billing_street as street_address,
        billing_city as city,
        billing_state as region,
        billing_postal_code as postal_code,
        coalesce(billing_country_code, billing_country) as country,
        parent_id as parent_account_id,
        type as account_type,
        last_activity_date
    from accounts

)

select * from final
