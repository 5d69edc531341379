{{ config(schema='intermediate', cluster_by='customer_id') }}

with histories as (
    select * from {{ ref('int_lifetime_value_histories') }}
),

fit as (
    select * from {{ ref('int_lifetime_value_fit') }}
),

expectations as (
    select * from {{ ref('int_lifetime_value_expectations') }}
),

alive as (
    select
        histories.*,
        fit.r,
        fit.alpha,
        case when histories.scope = 'full' then {{ var('lifetime_value_horizon_days') }} else {{ var('insights_holdout_days') }} end as horizon_days,
        case
            when fit.r is null then null
            -- A customer leaves after a repeat purchase, so one without any has not left yet.
            when histories.repeat_purchases = 0 then 1.0
            else
                1 / (1 + exp(least(
                    600,
                    ln(fit.a) - ln(fit.b + histories.repeat_purchases - 1)
                    + (fit.r + histories.repeat_purchases)
                    * (ln(fit.alpha + histories.age_days) - ln(fit.alpha + histories.recency_days))
                )))
        end as probability_alive,
        case
            when fit.p is null then null
            -- Nothing spent that tells of the customer: what customers spend on average.
            when histories.repeat_purchases = 0 or coalesce(histories.mean_repeat_value, 0) <= 0 then fit.p * fit.v / (fit.q - 1)
            else
                fit.p * (fit.v + histories.repeat_purchases * cast(histories.mean_repeat_value as double))
                / (fit.p * histories.repeat_purchases + fit.q - 1)
        end as purchase_value
    from histories
    inner join fit
        on histories.scope = fit.scope
),

final as (
    select
        alive.scope,
        alive.customer_id,
        alive.repeat_purchases,
        alive.recency_days,
        alive.age_days,
        alive.mean_repeat_value,
        alive.previous_purchases,
        alive.previous_revenue,
        alive.later_purchases,
        alive.later_revenue,
        alive.horizon_days,
        alive.probability_alive,
        -- Whoever is alive cannot leave before buying again, so not buying is the rate alone.
        alive.probability_alive * (1 - exp(
            (alive.r + alive.repeat_purchases)
            * (ln(alive.alpha + alive.age_days) - ln(alive.alpha + alive.age_days + alive.horizon_days))
        )) as purchase_probability,
        alive.probability_alive * expectations.purchases_if_alive as expected_purchases,
        alive.purchase_value,
        alive.probability_alive * expectations.purchases_if_alive * alive.purchase_value as expected_revenue,
        alive.probability_alive * expectations.discounted_purchases_if_alive * alive.purchase_value as lifetime_value
    from alive
    left join expectations
        on
            alive.scope = expectations.scope
            and alive.repeat_purchases = expectations.repeat_purchases
            and alive.age_days = expectations.age_days
)

select
    scope,
    customer_id,
    repeat_purchases,
    recency_days,
    age_days,
    mean_repeat_value,
    previous_purchases,
    previous_revenue,
    later_purchases,
    later_revenue,
    cast(horizon_days as integer) as horizon_days,
    -- Cut where engines begin to differ, so that equal customers stay equal.
    cast(round(probability_alive, 9) as double) as probability_alive,
    cast(round(purchase_probability, 9) as double) as purchase_probability,
    cast(expected_purchases as decimal(18, 6)) as expected_purchases,
    cast(purchase_value as decimal(18, 4)) as purchase_value,
    cast(expected_revenue as decimal(18, 4)) as expected_revenue,
    cast(lifetime_value as decimal(18, 2)) as lifetime_value
from final
