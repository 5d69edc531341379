{{ config(enabled=var('shopify_enabled')) }}

with refunds as (

    select * from {{ raw_rows('shopify', 'refund') }} as refunds

),

final as (

    select
        cast(id as string) as refund_id,
        cast(order_id as string) as order_id,
        coalesce(processed_at, created_at) as refunded_at,
        note
    from refunds

)

select * from final
