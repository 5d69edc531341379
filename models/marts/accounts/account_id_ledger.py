"""The account id of every company record ever seen. Grain: one row per company record."""

from python_udfs.identity.accounts import account_ledger


def model(dbt, session):
    """Columns: account_record_id, account_id, since_version, is_current. An id that was given is not taken back, not even by --full-refresh."""
    records = dbt.ref("int_account_records").select("record_key, account_record_id")
    clusters = dbt.ref("int_account_clusters").select("record_key, cluster_key")
    previous = session.sql(f"select * from {dbt.this}").to_arrow_table() if dbt.is_incremental else None
    return account_ledger(records.join(clusters, "record_key").to_arrow_table(), previous)
