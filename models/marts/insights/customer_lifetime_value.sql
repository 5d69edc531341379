{{ config(cluster_by='customer_id') }}

with customers as (
    select customer_id
    from {{ ref('customers') }}
),

scores as (
    select *
    from {{ ref('int_lifetime_value_scores') }}
    where scope = 'full'
),

fit as (
    select *
    from {{ ref('lifetime_value_parameters') }}
    where scope = 'full'
),

final as (
    select
        customers.customer_id,
        case
            when scores.customer_id is null then 'no purchase'
            when not fit.has_purchase_model then 'no purchase model'
            when not fit.has_spend_model then 'no spend model'
            else 'modelled'
        end as model_status,
        case
            when scores.customer_id is null then 'bought nothing yet'
            else coalesce(fit.purchase_reason, fit.spend_reason)
        end as missing_reason,
        scores.repeat_purchases,
        scores.recency_days,
        scores.age_days,
        scores.mean_repeat_value,
        scores.probability_alive,
        case when scores.repeat_purchases > 0 then 1 - scores.probability_alive end as churn_risk,
        {{ var('lifetime_value_horizon_days') }} as horizon_days,
        scores.purchase_probability,
        scores.expected_purchases,
        scores.purchase_value as expected_purchase_value,
        scores.expected_revenue,
        scores.lifetime_value
    from customers
    cross join fit
    left join scores
        on customers.customer_id = scores.customer_id
)

select
    customer_id,
    model_status,
    missing_reason,
    repeat_purchases,
    recency_days,
    age_days,
    mean_repeat_value,
    probability_alive,
    churn_risk,
    horizon_days,
    purchase_probability,
    expected_purchases,
    cast(expected_purchase_value as decimal(18, 2)) as expected_purchase_value,
    cast(expected_revenue as decimal(18, 2)) as expected_revenue,
    lifetime_value,
    '{{ var("reporting_currency") }}' as currency
from final
