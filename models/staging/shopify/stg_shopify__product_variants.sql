{{ config(enabled=var('shopify_enabled')) }}

with variants as (

    select * from {{ raw_rows('shopify', 'product_variant') }} as variants

),

final as (

    select
        cast(id as string) as variant_id,
        cast(product_id as string) as product_id,
        cast(inventory_item_id as string) as inventory_item_id,
        sku,
        -- The shop's name of the only variant of a product without options.
        case when lower(title) <> 'default title' then title end as variant_title,
        case when lower(option_1) <> 'default title' then option_1 end as option_1,
        option_2,
        option_3,
        updated_at
    from variants

)

select
    variant_id,
    product_id,
    inventory_item_id,
    sku,
    variant_title,
    option_1,
    option_2,
    option_3,
    updated_at
from final
