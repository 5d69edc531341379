{{ config(schema='intermediate', cluster_by='customer_id') }}

{% set default_gap = var('lifecycle_default_gap_days') %}
{% set minimum_gap = var('lifecycle_minimum_gap_days') %}

with as_of as (
    select
        as_of_at,
        cast(as_of_at as date) as as_of_date
    from (select {{ as_of() }} as as_of_at) as moment
),

-- What is dated after the as-of time has not happened: a wrong clock would make a rhythm of centuries.
documents as (
    select
        orders.customer_id,
        cast(orders.ordered_at as date) as order_date,
        orders.order_kind = 'sale' as is_sale,
        max(case when orders.order_kind = 'sale' then 1 else 0 end) over (partition by orders.customer_id) = 1 as has_sale
    from {{ ref('orders') }} as orders
    cross join as_of
    where
        orders.customer_id is not null
        and orders.ordered_at <= as_of.as_of_at
        and orders.order_kind in ('sale', 'return')
        and not orders.is_test
        and not orders.is_cancelled
),

-- Who only ever returned something has bought it before the data begins: a customer, no prospect, and the return is the last we saw.
purchase_days as (
    select distinct
        customer_id,
        order_date,
        has_sale
    from documents
    where is_sale or not has_sale
),

numbered as (
    select
        customer_id,
        order_date,
        has_sale,
        row_number() over (partition by customer_id order by order_date desc) as days_back
    from purchase_days
),

rhythm as (
    select
        customer_id,
        has_sale,
        count(*) as purchase_day_count,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        max(order_date) filter (where days_back = 2) as previous_order_date
    from numbered
    group by customer_id, has_sale
),

-- Whoever bought once has no rhythm yet and is measured against the default; a floor keeps double purchases harmless.
gaps as (
    select
        rhythm.customer_id,
        rhythm.has_sale,
        greatest({{ dbt.datediff('rhythm.first_order_date', 'as_of.as_of_date', 'day') }}, 0) as days_since_first_order,
        greatest({{ dbt.datediff('rhythm.last_order_date', 'as_of.as_of_date', 'day') }}, 0) as days_since_last_order,
        {{ dbt.datediff('rhythm.previous_order_date', 'rhythm.last_order_date', 'day') }} as last_gap_days,
        case
            when rhythm.purchase_day_count >= 2 then greatest({{ minimum_gap }}, {{ dbt.datediff('rhythm.first_order_date', 'rhythm.last_order_date', 'day') }} / (rhythm.purchase_day_count - 1.0))
            else {{ default_gap }}
        end as purchase_gap_days,
        case
            when rhythm.purchase_day_count >= 3 then greatest({{ minimum_gap }}, {{ dbt.datediff('rhythm.first_order_date', 'rhythm.previous_order_date', 'day') }} / (rhythm.purchase_day_count - 2.0))
            else {{ default_gap }}
        end as earlier_gap_days
    from rhythm
    cross join as_of
),

final as (
    select
        customer_id,
        case when has_sale then days_since_first_order end as days_since_first_order,
        case when has_sale then days_since_last_order end as days_since_last_order,
        cast(purchase_gap_days as decimal(18, 1)) as purchase_gap_days,
        case
            when has_sale and days_since_first_order <= {{ var('lifecycle_new_days') }} then 'new'
            when days_since_last_order > {{ var('lifecycle_lapsed_multiple') }} * purchase_gap_days then 'lapsed'
            when days_since_last_order > {{ var('lifecycle_at_risk_multiple') }} * purchase_gap_days then 'at_risk'
            when last_gap_days > {{ var('lifecycle_lapsed_multiple') }} * earlier_gap_days then 'reactivated'
            else 'active'
        end as lifecycle_stage
    from gaps
)

select
    customer_id,
    days_since_first_order,
    days_since_last_order,
    purchase_gap_days,
    lifecycle_stage
from final
