{{ config(enabled=var('shopify_enabled')) }}

with checkouts as (

    select * from {{ raw_rows('shopify', 'abandoned_checkout', normalized=true) }} as checkouts

),

final as (

    select
        cast(id as string) as checkout_id,
        cast(customer_id as string) as shopify_customer_id,
        case when customer_id is not null then 'shopify:customer:' || cast(customer_id as string) end as record_id,
        email,
        phone,
        currency,
        total_price as total_amount,
        created_at,
        updated_at,
        completed_at,
        closed_at,
        buyer_accepts_marketing
    from checkouts

)

select * from final
