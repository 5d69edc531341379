{{ config(enabled=var('shopify_enabled')) }}

with addresses as (

    select * from {{ raw_rows('shopify', 'customer_address', normalized=true) }} as addresses

),

final as (

    select
        cast(id as string) as customer_address_id,
        cast(customer_id as string) as shopify_customer_id,
        coalesce(is_default, false) as is_default,
        first_name as given_name,
        last_name as family_name,
        company as company_name,
        address_1 as street_address,
        address_2 as street_address_2,
        city,
        coalesce(province, province_code) as region,
        zip as postal_code,
        coalesce(country_code, country) as country,
        phone
    from addresses

)

select
    customer_address_id,
    shopify_customer_id,
    is_default,
    given_name,
    family_name,
    company_name,
    street_address,
    street_address_2,
    city,
    region,
    postal_code,
    country,
    phone
from final
