{{ config(enabled=var('shopify_enabled'), cluster_by='record_id') }}

with customers as (

    select * from {{ raw_rows('shopify', 'customer', normalized=true) }} as customers

),

addresses as (

    select * from {{ ref('stg_shopify__customer_addresses') }}

),

-- The address the customer names as default; without one that is marked, the one the customer record points to.
default_addresses as (

    select
        customers.id as customer_id,
        addresses.street_address,
        addresses.city,
        addresses.region,
        addresses.postal_code,
        addresses.country,
        addresses.phone,
        addresses.given_name,
        addresses.family_name,
        addresses.company_name
    from customers
    inner join addresses on cast(customers.id as string) = addresses.shopify_customer_id
    where
        addresses.is_default
        or addresses.customer_address_id = cast(customers.default_address_id as string)
    qualify
        row_number() over (
            partition by customers.id
            order by addresses.is_default desc, addresses.customer_address_id
        ) = 1

),

final as (

    select
        'shopify:customer:' || cast(customers.id as string) as record_id,
        cast(customers.id as string) as source_record_id,
        coalesce(customers.first_name, default_addresses.given_name) as given_name,
        coalesce(customers.last_name, default_addresses.family_name) as family_name,
        customers.email,
        coalesce(customers.phone, default_addresses.phone) as phone,
        nullif(default_addresses.phone, coalesce(customers.phone, default_addresses.phone)) as secondary_phone,
        default_addresses.street_address,
        default_addresses.city,
        default_addresses.region,
        default_addresses.postal_code,
        default_addresses.country,
        case when customers.email is not null then customers.verified_email end as is_email_verified,
        default_addresses.company_name,
        customers.state,
        customers.accepts_marketing,
        customers.accepts_marketing_updated_at,
        customers.marketing_opt_in_level,
        customers.orders_count,
        customers.total_spent as total_spent_amount,
        customers.currency,
        customers.created_at,
        customers.updated_at
    from customers
    left join default_addresses on customers.id = default_addresses.customer_id

)

select * from final
