{{ config(enabled=var('shopify_enabled'), schema='intermediate') }}

with items as (
    select * from {{ ref('stg_shopify__inventory_items') }}
    where unit_cost is not null
),

variants as (
    select * from {{ ref('stg_shopify__product_variants') }}
),

by_variant as (
    select
        'variant' as key_type,
        variants.variant_id as key_value,
        items.unit_cost,
        items.cost_currency
    from variants
    inner join items on variants.inventory_item_id = items.inventory_item_id
),

skus as (
    select
        items.sku,
        items.unit_cost,
        items.cost_currency
    from items
    union all
    select
        variants.sku,
        items.unit_cost,
        items.cost_currency
    from variants
    inner join items on variants.inventory_item_id = items.inventory_item_id
),

-- Things of one number that cost differently: what was sold under it is not known.
by_sku as (
    select
        'sku' as key_type,
        sku as key_value,
        min(unit_cost) as unit_cost,
        min(cost_currency) as cost_currency
    from skus
    where sku is not null
    group by sku
    having
        min(unit_cost) = max(unit_cost)
        and min(cost_currency) is not distinct from max(cost_currency)
        and count(cost_currency) in (0, count(*))
),

final as (
    select * from by_variant
    union all
    select * from by_sku
)

select
    key_type,
    key_value,
    unit_cost,
    cost_currency
from final
