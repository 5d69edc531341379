with fit as (
    select *
    from {{ ref('lifetime_value_parameters') }}
    where scope = 'holdout'
),

-- Equal predictions share a decile, so deciles are of unequal size where many customers have the same history.
ranked as (
    select
        cast(least(10, 1 + floor(10 * percent_rank() over (order by expected_purchases, expected_revenue))) as integer) as decile,
        expected_purchases,
        later_purchases,
        previous_purchases,
        expected_revenue,
        later_revenue,
        previous_revenue
    from {{ ref('int_lifetime_value_scores') }}
    where scope = 'holdout' and expected_purchases is not null
),

grouped as (
    select * from ranked
    union all
    select
        0 as decile,
        expected_purchases,
        later_purchases,
        previous_purchases,
        expected_revenue,
        later_revenue,
        previous_revenue
    from ranked
),

-- Squares are of exact decimals, so that sums do not depend on the order of addition.
measured as (
    select
        decile,
        count(*) as customer_count,
        sum(expected_purchases) as predicted_purchases,
        sum(later_purchases) as actual_purchases,
        sum(previous_purchases) as baseline_purchases,
        sum(expected_revenue) as predicted_revenue,
        sum(later_revenue) as actual_revenue,
        {% for measure, predicted, later in [
            ('purchase_error', 'expected_purchases', 'later_purchases'),
            ('baseline_purchase_error', 'previous_purchases', 'later_purchases'),
            ('revenue_error', 'expected_revenue', 'later_revenue'),
            ('baseline_revenue_error', 'previous_revenue', 'later_revenue'),
        ] %}
        sqrt(cast(sum(cast(power(cast({{ predicted }} - {{ later }} as double), 2) as decimal(28, 4))) as double) / count(*)) as {{ measure }},
        {% endfor %}
        sum(previous_revenue) as baseline_revenue
    from grouped
    group by decile
),

-- The row of all customers stands there even when there was no model to measure.
deciles as (
    select 0 as decile
    union all
    select decile
    from measured
    where decile > 0
),

final as (
    select
        deciles.decile,
        {{ var('insights_holdout_days') }} as holdout_days,
        coalesce(measured.customer_count, 0) as customer_count,
        measured.predicted_purchases,
        measured.actual_purchases,
        measured.baseline_purchases,
        measured.purchase_error,
        measured.baseline_purchase_error,
        measured.purchase_error < measured.baseline_purchase_error as is_purchase_better_than_baseline,
        measured.predicted_revenue,
        measured.actual_revenue,
        measured.baseline_revenue,
        measured.revenue_error,
        measured.baseline_revenue_error,
        measured.revenue_error < measured.baseline_revenue_error as is_revenue_better_than_baseline,
        coalesce(fit.purchase_reason, fit.spend_reason) as missing_reason
    from deciles
    cross join fit
    left join measured
        on deciles.decile = measured.decile
)

select
    cast(decile as integer) as decile,
    holdout_days,
    cast(customer_count as bigint) as customer_count,
    cast(predicted_purchases as decimal(18, 2)) as predicted_purchases,
    cast(actual_purchases as bigint) as actual_purchases,
    cast(baseline_purchases as bigint) as baseline_purchases,
    purchase_error,
    baseline_purchase_error,
    is_purchase_better_than_baseline,
    cast(predicted_revenue as decimal(18, 2)) as predicted_revenue,
    cast(actual_revenue as decimal(18, 2)) as actual_revenue,
    cast(baseline_revenue as decimal(18, 2)) as baseline_revenue,
    revenue_error,
    baseline_revenue_error,
    is_revenue_better_than_baseline,
    missing_reason
from final
