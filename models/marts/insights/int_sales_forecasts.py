"""Forecasts of sales and how good they are. Grain: one row per series and period ahead, and one per series for its evaluation."""

from python_udfs.insights.forecast import forecast_table


def model(dbt, session):
    """Exponential smoothing beside seasonal-naive; see python_udfs/insights/forecast.py."""
    periods = dbt.ref("int_sales_periods")
    columns = periods.project(
        "period, segment_name, currency, period_start, cast(sales_amount as double) as sales_amount, last_start"
    ).fetchnumpy()
    return forecast_table(
        sales=columns,
        horizons={"day": int(dbt.config.meta_get("days")), "week": int(dbt.config.meta_get("weeks"))},
        origins=int(dbt.config.meta_get("backtests")),
        level=float(dbt.config.meta_get("interval")),
    )
