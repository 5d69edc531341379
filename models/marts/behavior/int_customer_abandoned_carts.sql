{{ config(schema='intermediate') }}

with carts as (
    select
        customer_id,
        cart_at,
        {{ dbt.dateadd('hour', var('cart_abandoned_after_hours'), 'cart_at') }} as decided_at
    from {{ ref('int_cart_events') }}
),

sales as (
    select
        customer_id,
        ordered_at
    from {{ ref('orders') }}
    where
        order_kind = 'sale'
        and not is_test
        and not is_cancelled
),

abandoned as (
    select
        carts.customer_id,
        carts.cart_at
    from carts
    left join sales
        on
            carts.customer_id = sales.customer_id
            and carts.cart_at <= sales.ordered_at
            and carts.decided_at >= sales.ordered_at
    group by carts.customer_id, carts.cart_at
    having count(sales.customer_id) = 0
),

-- Everything put into the cart on one day is one cart.
final as (
    select
        customer_id,
        count(distinct cast(cart_at as date)) as recent_abandoned_carts
    from abandoned
    group by customer_id
)

select
    customer_id,
    recent_abandoned_carts
from final
