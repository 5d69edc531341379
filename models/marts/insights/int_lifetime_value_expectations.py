"""Purchases to expect of customers who have not left. Grain: one row per scope, number of repeat purchases and age in days."""

from python_udfs.insights.lifetime_tables import expectation_table


def model(dbt, session):
    """Closed form of the fitted model; see python_udfs/insights/lifetime.py."""
    fit = dbt.ref("int_lifetime_value_fit")
    histories = dbt.ref("int_purchase_history_counts")
    return expectation_table(
        fit=fit.fetchnumpy(),
        ages=histories.fetchnumpy(),
        horizon_days={
            "full": float(dbt.config.meta_get("horizon_days")),
            "holdout": float(dbt.config.meta_get("holdout_days")),
        },
        annual_rate=float(dbt.config.meta_get("annual_discount_rate")),
    )
