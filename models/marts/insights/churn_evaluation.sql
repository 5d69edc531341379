with fit as (
    select *
    from {{ ref('lifetime_value_parameters') }}
    where scope = 'holdout'
),

scores as (
    select
        *,
        cast(purchase_probability as decimal(18, 9)) as predicted_share,
        case when later_purchases > 0 then 1 else 0 end as has_bought
    from {{ ref('int_lifetime_value_scores') }}
    where scope = 'holdout' and purchase_probability is not null
),

-- What could be known at the cut without a model: the share that bought in the time before, of those known before it.
baseline as (
    select cast(count(*) filter (where previous_purchases > 0) as double) / nullif(count(*), 0) as baseline_share
    from scores
    where age_days >= {{ var('insights_holdout_days') }}
),

ranked as (
    select
        scores.predicted_share,
        scores.has_bought,
        cast(scores.probability_alive as decimal(18, 9)) as probability_alive,
        baseline.baseline_share,
        cast(least(10, 1 + floor(10 * percent_rank() over (order by scores.predicted_share))) as integer) as decile
    from scores
    cross join baseline
),

grouped as (
    select * from ranked
    union all
    select
        predicted_share,
        has_bought,
        probability_alive,
        baseline_share,
        0 as decile
    from ranked
),

measured as (
    select
        decile,
        count(*) as customer_count,
        sum(has_bought) as buyer_count,
        cast(sum(probability_alive) as double) / count(*) as mean_probability_alive,
        cast(sum(predicted_share) as double) / count(*) as predicted_buyer_share,
        cast(sum(has_bought) as double) / count(*) as actual_buyer_share,
        max(baseline_share) as baseline_buyer_share,
        cast(sum(cast(power(cast(predicted_share as double) - has_bought, 2) as decimal(18, 9))) as double) / count(*) as brier_score,
        cast(sum(cast(power(baseline_share - has_bought, 2) as decimal(18, 9))) as double) / count(*) as baseline_brier_score
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
        measured.buyer_count,
        measured.mean_probability_alive,
        measured.predicted_buyer_share,
        measured.actual_buyer_share,
        measured.baseline_buyer_share,
        measured.brier_score,
        measured.baseline_brier_score,
        measured.brier_score < measured.baseline_brier_score as is_better_than_baseline,
        fit.purchase_reason as missing_reason
    from deciles
    cross join fit
    left join measured
        on deciles.decile = measured.decile
)

select
    cast(decile as integer) as decile,
    holdout_days,
    cast(customer_count as bigint) as customer_count,
    cast(buyer_count as bigint) as buyer_count,
    mean_probability_alive,
    predicted_buyer_share,
    actual_buyer_share,
    baseline_buyer_share,
    brier_score,
    baseline_brier_score,
    is_better_than_baseline,
    missing_reason
from final
