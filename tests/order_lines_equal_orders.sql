-- Every order has as many lines and units in order_lines as it says itself.
with counted as (
    select
        order_id,
        count(*) as line_count,
        coalesce(sum(quantity), 0) as units
    from {{ ref('order_lines') }}
    group by order_id
)

select
    orders.order_id,
    orders.line_count as expected_lines,
    counted.line_count as actual_lines,
    orders.units as expected_units,
    counted.units as actual_units
from {{ ref('orders') }} as orders
full outer join counted on orders.order_id = counted.order_id
where
    orders.order_id is null
    or coalesce(orders.line_count, 0) <> coalesce(counted.line_count, 0)
    or coalesce(orders.units, 0) <> coalesce(counted.units, 0)
