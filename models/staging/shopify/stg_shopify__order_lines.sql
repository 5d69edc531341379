{{ config(enabled=var('shopify_enabled')) }}

with order_lines as (

    select * from {{ raw_rows('shopify', 'order_line') }} as order_lines

),

final as (

    select
        cast(id as string) as order_line_id,
        cast(order_id as string) as order_id,
        cast(product_id as string) as product_id,
        cast(variant_id as string) as variant_id,
        sku,
        coalesce(title, name) as product_name,
        variant_title,
        vendor,
        quantity,
        price as unit_price,
        total_discount as discount_amount
    from order_lines

)

select * from final
