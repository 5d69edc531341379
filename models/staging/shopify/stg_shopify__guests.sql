{{ config(enabled=var('shopify_enabled')) }}

with orders as (

    select * from {{ ref('stg_shopify__orders') }}

),

-- Also customers the shop has deleted: an order must not bring them back.
ever_known_customers as (

    select * from {{ raw_values_of('shopify', 'customer', 'id', name_as='shopify_customer_id') }} as customer_ids

),

-- The newest order tells best who the guest is now.
guest_orders as (

    select
        orders.*,
        orders.shopify_customer_id is not null as has_unknown_customer,
        row_number() over (
            partition by orders.record_id
            order by orders.ordered_at desc nulls last, orders.order_id desc
        ) as recency_rank,
        min(orders.created_at) over (partition by orders.record_id) as first_created_at
    from orders
    left join ever_known_customers on orders.shopify_customer_id = ever_known_customers.shopify_customer_id
    where
        orders.record_id is not null
        and ever_known_customers.shopify_customer_id is null

),

final as (

    select
        record_id,
        coalesce(shopify_customer_id, order_id) as source_record_id,
        shopify_customer_id,
        has_unknown_customer,
        shipping_given_name as given_name,
        shipping_family_name as family_name,
        email,
        phone,
        shipping_street_address as street_address,
        shipping_city as city,
        shipping_region as region,
        shipping_postal_code as postal_code,
        shipping_country as country,
        order_id as latest_order_id,
        first_created_at as created_at,
        updated_at
    from guest_orders
    where recency_rank = 1

)

select * from final
