"""Parameters of the lifetime value models, fitted to counted histories. Grain: one row per scope (full, holdout)."""

from python_udfs.insights.lifetime_tables import fit_table


def model(dbt, session):
    """Maximum likelihood; see python_udfs/insights/lifetime.py."""
    histories = dbt.ref("int_purchase_history_counts")
    spend = dbt.ref("int_spend_history_counts")
    return fit_table(
        histories=histories.fetchnumpy(),
        spend=spend.fetchnumpy(),
        minimum_customers=int(dbt.config.meta_get("minimum_repeat_customers")),
    )
