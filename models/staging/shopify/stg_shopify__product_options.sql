{{ config(enabled=var('shopify_enabled')) }}

with options as (

    select * from {{ raw_rows('shopify', 'product_option') }} as options

),

final as (

    select
        cast(id as string) as product_option_id,
        cast(product_id as string) as product_id,
        name as option_name,
        position as option_position
    from options

)

select * from final
