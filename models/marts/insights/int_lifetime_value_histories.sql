{{ config(schema='intermediate', cluster_by='customer_id') }}

{% set holdout_days = var('insights_holdout_days') %}

with as_of as (
    select cast({{ as_of() }} as date) as as_of_date
),

scopes as (
    {{ prediction_scopes() }}
),

purchase_days as (
    select
        customer_id,
        purchase_date,
        net_revenue,
        min(purchase_date) over (partition by customer_id) as first_date
    from {{ ref('int_purchase_days') }}
),

-- Whoever first bought after the cut was unknown then: no history, nothing to predict.
placed as (
    select
        purchase_days.*,
        scopes.scope,
        scopes.through_date,
        purchase_days.purchase_date > scopes.through_date as is_later,
        purchase_days.purchase_date > {{ dbt.dateadd('day', -holdout_days, 'scopes.through_date') }}
        and purchase_days.purchase_date <= scopes.through_date as is_previous
    from purchase_days
    inner join scopes
        on purchase_days.first_date <= scopes.through_date
),

counted as (
    select
        scope,
        customer_id,
        through_date,
        first_date,
        max(purchase_date) filter (where not is_later) as last_date,
        count(*) filter (where not is_later) - 1 as repeat_purchases,
        -- The first purchase is left out: the model describes those that follow it.
        cast(sum(net_revenue) filter (where not is_later and purchase_date > first_date) as double)
        / nullif(count(net_revenue) filter (where not is_later and purchase_date > first_date), 0) as mean_repeat_value,
        count(*) filter (where is_previous) as previous_purchases,
        coalesce(sum(net_revenue) filter (where is_previous), 0) as previous_revenue,
        count(*) filter (where is_later) as later_purchases,
        coalesce(sum(net_revenue) filter (where is_later), 0) as later_revenue
    from placed
    group by scope, customer_id, through_date, first_date
),

final as (
    select
        scope,
        customer_id,
        cast(repeat_purchases as bigint) as repeat_purchases,
        cast({{ dbt.datediff('first_date', 'last_date', 'day') }} as bigint) as recency_days,
        cast({{ dbt.datediff('first_date', 'through_date', 'day') }} as bigint) as age_days,
        cast(mean_repeat_value as decimal(18, 2)) as mean_repeat_value,
        cast(previous_purchases as bigint) as previous_purchases,
        cast(previous_revenue as decimal(18, 2)) as previous_revenue,
        cast(later_purchases as bigint) as later_purchases,
        cast(later_revenue as decimal(18, 2)) as later_revenue
    from counted
)

select * from final
