{{ config(cluster_by='customer_id') }}

with lines as (
    select
        *,
        revenue_amount - cost_amount as margin,
        abs(sold_amount) as weight
    from {{ ref('order_lines') }}
),

final as (
    select
        order_id,
        max(source_name) as source_name,
        max(customer_id) as customer_id,
        max(ordered_at) as ordered_at,
        max(currency) as currency,
        bool_or(is_cancelled) as is_cancelled,
        bool_or(is_test) as is_test,
        sum(revenue_amount) as goods_revenue,
        sum(margin) as margin,
        coalesce(
            cast(sum(case when margin is not null then weight end) as double) / nullif(sum(weight), 0),
            -- Where nothing was paid, lines count alike.
            case when coalesce(sum(weight), 0) = 0 then avg(case when margin is not null then 1.0 else 0.0 end) end,
            0
        ) as margin_coverage
    from lines
    group by order_id
)

select
    order_id,
    source_name,
    customer_id,
    ordered_at,
    currency,
    cast(goods_revenue as decimal(18, 4)) as goods_revenue,
    cast(margin as decimal(18, 4)) as margin,
    cast(margin_coverage as double) as margin_coverage,
    is_cancelled,
    is_test
from final
