{{ config(enabled=var('shopify_enabled')) }}

with items as (

    select * from {{ raw_rows('shopify', 'inventory_item') }} as items

),

final as (

    select
        cast(id as string) as inventory_item_id,
        sku,
        coalesce(unit_cost_amount, cost) as unit_cost,
        unit_cost_currency_code as cost_currency,
        updated_at
    from items

)

select * from final
