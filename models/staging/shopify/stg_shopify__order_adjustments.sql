{{ config(enabled=var('shopify_enabled')) }}

with adjustments as (

    select * from {{ raw_rows('shopify', 'order_adjustment') }} as adjustments

),

final as (

    select
        cast(id as string) as order_adjustment_id,
        cast(order_id as string) as order_id,
        cast(refund_id as string) as refund_id,
        amount,
        tax_amount,
        kind,
        reason
    from adjustments

)

select * from final
