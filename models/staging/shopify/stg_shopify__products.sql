{{ config(enabled=var('shopify_enabled')) }}

with products as (

    select * from {{ raw_rows('shopify', 'product') }} as products

),

final as (

    select
        cast(id as string) as product_id,
        title as product_name,
        handle,
        product_type,
        vendor,
        created_at,
        updated_at
    from products

)

select * from final
