with evaluations as (
    select *
    from {{ ref('int_sales_forecasts') }}
    where row_kind = 'evaluation'
),

final as (
    select
        period,
        segment_name,
        currency,
        history_count,
        season_length,
        cast(backtest_count as integer) as backtest_count,
        {{ var('sales_forecast_backtests') }} as backtests_wanted,
        model_error,
        baseline_error,
        model_error / nullif(baseline_error, 0) as error_ratio,
        -- Who is a member today was often chosen by what they bought in the periods that would be checked.
        coalesce(model_error < baseline_error, false) and segment_name = 'all customers' as is_better_than_baseline,
        method as published_method,
        interval_coverage,
        case
            when method is null then 'No forecast: ' || missing_reason
            when model_error is null then 'Not judged, the baseline is published: ' || missing_reason
            when segment_name <> 'all customers'
                then 'Not judged: the members of today are followed into the past, where they bought more than members of that time went on to.'
            when method = 'ets' then 'The model beats the seasonal-naive baseline and is published.'
            else 'The model does not beat the seasonal-naive baseline, so the baseline is published.'
        end as verdict
    from evaluations
)

select
    period,
    segment_name,
    currency,
    history_count,
    cast(season_length as integer) as season_length,
    backtest_count,
    cast(backtests_wanted as integer) as backtests_wanted,
    model_error,
    baseline_error,
    error_ratio,
    is_better_than_baseline,
    published_method,
    interval_coverage,
    verdict
from final
