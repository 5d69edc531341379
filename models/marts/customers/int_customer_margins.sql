{{ config(schema='intermediate', cluster_by='customer_id') }}

with sold as (
    select
        customer_id,
        currency,
        sum(revenue_amount - cost_amount) as margin,
        sum(case when cost_amount is not null then abs(sold_amount) end) as covered_amount,
        sum(abs(sold_amount)) as goods_amount
    from {{ ref('order_lines') }}
    where customer_id is not null and not is_test and not is_cancelled
    group by customer_id, currency
),

rates as (
    {{ reporting_rates() }}
),

-- Rounded per currency, so that sums do not depend on the order of addition.
converted as (
    select
        sold.customer_id,
        cast(sold.margin * rates.reporting_rate as decimal(18, 4)) as margin,
        cast(sold.covered_amount * rates.reporting_rate as decimal(18, 4)) as covered_amount,
        cast(sold.goods_amount * rates.reporting_rate as decimal(18, 4)) as goods_amount
    from sold
    inner join rates on sold.currency = rates.currency
),

final as (
    select
        customer_id,
        sum(margin) as margin,
        coalesce(cast(sum(covered_amount) as double) / nullif(sum(goods_amount), 0), 0) as margin_coverage
    from converted
    group by customer_id
)

select
    customer_id,
    cast(margin as decimal(18, 2)) as margin,
    cast(margin_coverage as double) as margin_coverage
from final
