{{ config(enabled=var('shopify_enabled')) }}

with refunds as (

    select * from {{ raw_rows('shopify', 'refund') }} as refunds

),

final as (

    select
        cast(id as varchar) as refund_id,
        cast(order_id as varchar) as order_id,
        coalesce(processed_at, created_at) as refunded_at,
        note
    from refunds

)

select * from final
