{{ config(enabled=var('shopify_enabled'), cluster_by='record_id') }}

with orders as (

    select * from {{ raw_rows('shopify', 'order', normalized=true) }} as orders

),

final as (

    select
        cast(id as string) as order_id,
        cast(customer_id as string) as shopify_customer_id,
        case
            when customer_id is not null then 'shopify:customer:' || cast(customer_id as string)
            when coalesce(email, phone, shipping_address_phone) is not null then 'shopify:order:' || cast(id as string)
        end as record_id,
        name as order_name,
        email,
        coalesce(phone, shipping_address_phone) as phone,
        currency,
        subtotal_price as subtotal_amount,
        total_price as total_amount,
        total_tax as tax_amount,
        taxes_included as is_tax_included,
        total_discounts as discount_amount,
        coalesce(processed_at, created_at) as ordered_at,
        created_at,
        updated_at,
        cancelled_at,
        financial_status,
        fulfillment_status,
        source_name as sales_channel,
        location_id,
        coalesce(test, false) as is_test,
        buyer_accepts_marketing,
        landing_site_base_url as landing_page_url,
        referring_site as referrer_url,
        shipping_address_first_name as shipping_given_name,
        shipping_address_last_name as shipping_family_name,
        shipping_address_address_1 as shipping_street_address,
        shipping_address_city as shipping_city,
        shipping_address_zip as shipping_postal_code,
        shipping_address_province as shipping_region,
        shipping_address_country_code as shipping_country
    from orders

)

select * from final
