with forecasts as (
    select *
    from {{ ref('int_sales_forecasts') }}
    where row_kind = 'forecast'
),

evaluations as (
    select * from {{ ref('sales_forecast_evaluation') }}
),

final as (
    select
        forecasts.period,
        forecasts.segment_name,
        forecasts.currency,
        forecasts.period_start,
        cast(forecasts.step as integer) as step,
        forecasts.method,
        cast(forecasts.forecast_amount as decimal(18, 2)) as forecast_amount,
        cast(forecasts.lower_amount as decimal(18, 2)) as lower_amount,
        cast(forecasts.upper_amount as decimal(18, 2)) as upper_amount,
        cast({{ var('sales_forecast_interval') }} as double) as interval_probability,
        evaluations.is_better_than_baseline
    from forecasts
    inner join evaluations
        on
            forecasts.period = evaluations.period
            and forecasts.segment_name = evaluations.segment_name
            and forecasts.currency = evaluations.currency
)

select * from final
