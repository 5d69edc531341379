-- To the cent, per model and currency: what is attributed is what orders brought in, and no order gives more or less than it has.
with orders as (
    select
        order_id,
        coalesce(currency, 'unknown') as currency,
        net_amount
    from {{ ref('orders') }}
    where
        not is_test
        and not is_cancelled
),

attributed as (
    select
        order_id,
        attribution_model,
        coalesce(currency, 'unknown') as currency,
        attributed_revenue
    from {{ ref('attribution') }}
),

models as (
    select distinct attribution_model from attributed
),

by_currency as (
    select
        models.attribution_model,
        'currency ' || orders.currency as whose,
        sum(orders.net_amount) as expected
    from orders
    cross join models
    group by models.attribution_model, orders.currency
    union all
    select
        models.attribution_model,
        'order ' || orders.order_id as whose,
        orders.net_amount as expected
    from orders
    cross join models
),

actual as (
    select
        attribution_model,
        'currency ' || currency as whose,
        sum(attributed_revenue) as attributed
    from attributed
    group by attribution_model, currency
    union all
    select
        attribution_model,
        'order ' || order_id as whose,
        sum(attributed_revenue) as attributed
    from attributed
    group by attribution_model, order_id
)

select
    coalesce(by_currency.attribution_model, actual.attribution_model) as attribution_model,
    coalesce(by_currency.whose, actual.whose) as whose,
    by_currency.expected,
    actual.attributed
from by_currency
full outer join actual
    on
        by_currency.attribution_model = actual.attribution_model
        and by_currency.whose = actual.whose
where
    by_currency.expected is null
    or actual.attributed is null
    or by_currency.expected <> actual.attributed
