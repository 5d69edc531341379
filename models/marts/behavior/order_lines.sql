{{ config(cluster_by='customer_id') }}

with orders as (
    select * from {{ ref('orders') }}
),

lines as (
    select * from {{ ref('int_sold_lines') }}
),

rates as (
    select * from {{ ref('currency_rates') }}
),

costs as (
    {% if var('shopify_enabled') %}
    select * from {{ ref('int_unit_costs') }}
    {% else %}
    {{ empty_rows({'key_type': 'varchar', 'key_value': 'varchar', 'unit_cost': 'decimal(18, 4)', 'cost_currency': 'varchar'}) }}
    {% endif %}
),

-- Lines whose order never arrived hang on the row that stands for it in orders.
placed as (
    select
        lines.*,
        coalesce(orders.order_id, lines.orphan_order_id) as found_order_id,
        coalesce(orders.source_name, case when lines.order_line_id like 'pos:%' then 'pos' else 'shopify' end) as source_name,
        orders.customer_id,
        orders.ordered_at,
        orders.currency,
        orders.is_cancelled,
        orders.is_test
    from lines
    left join orders on lines.order_id = orders.order_id
),

-- Joined here and not in orders, so that a new cost restates no order, visit or journey.
costed as (
    select
        placed.*,
        coalesce(of_variant.unit_cost, of_sku.unit_cost) as known_cost,
        case when of_variant.unit_cost is not null then of_variant.cost_currency else of_sku.cost_currency end as stated_currency
    from placed
    left join costs as of_variant
        on of_variant.key_type = 'variant' and placed.variant_id = of_variant.key_value
    left join costs as of_sku
        on of_sku.key_type = 'sku' and placed.sku = of_sku.key_value
),

-- A cost without a currency is in that of the shop: its own orders have it, tills may not.
final as (
    select
        costed.*,
        cast(case
            when costed.stated_currency = costed.currency then costed.known_cost
            when costed.stated_currency is null and costed.source_name = 'shopify' and costed.currency is not null then costed.known_cost
            else costed.known_cost * (line_rates.rate / cost_rates.rate)
        end as decimal(18, 4)) as unit_cost
    from costed
    left join rates as line_rates on costed.currency = line_rates.currency
    left join rates as cost_rates on costed.stated_currency = cost_rates.currency
)

select
    order_line_id,
    found_order_id as order_id,
    source_name,
    customer_id,
    ordered_at,
    product_id,
    variant_id,
    sku,
    product_name,
    variant_title,
    product_category,
    cast(quantity as decimal(18, 3)) as quantity,
    cast(unit_price as decimal(18, 4)) as unit_price,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(line_amount as decimal(28, 4)) as line_amount,
    sold_amount,
    revenue_amount,
    returned_quantity,
    unit_cost,
    cast(unit_cost * (quantity - returned_quantity) as decimal(28, 4)) as cost_amount,
    currency,
    coalesce(is_cancelled, false) as is_cancelled,
    coalesce(is_test, false) as is_test
from final
