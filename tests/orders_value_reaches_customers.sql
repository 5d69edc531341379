-- The value of all customers together is the value of the orders that have a customer: no join may drop or double it.
with expected as (
    select sum(cast(orders.net_amount * (reporting.rate / rates.rate) as decimal(18, 4))) as net_revenue
    from {{ ref('orders') }} as orders
    inner join {{ ref('currency_rates') }} as rates
        on orders.currency = rates.currency
    inner join {{ ref('currency_rates') }} as reporting
        on reporting.currency = '{{ var("reporting_currency") }}'
    where
        orders.customer_id is not null
        and not orders.is_test
        and not orders.is_cancelled
),

actual as (
    select
        sum(net_revenue) as net_revenue,
        count(*) as customers
    from {{ ref('customers') }}
)

select
    expected.net_revenue as expected_net_revenue,
    actual.net_revenue as actual_net_revenue
from expected
cross join actual
-- Each customer's value is rounded to the cent once.
where abs(coalesce(expected.net_revenue, 0) - coalesce(actual.net_revenue, 0)) > 0.005 * coalesce(actual.customers, 0)
