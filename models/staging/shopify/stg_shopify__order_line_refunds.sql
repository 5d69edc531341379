{{ config(enabled=var('shopify_enabled')) }}

with line_refunds as (

    select * from {{ raw_rows('shopify', 'order_line_refund') }} as line_refunds

),

final as (

    select
        cast(id as string) as order_line_refund_id,
        cast(refund_id as string) as refund_id,
        cast(order_line_id as string) as order_line_id,
        quantity,
        subtotal as subtotal_amount,
        total_tax as tax_amount,
        restock_type
    from line_refunds

)

select * from final
