"""Which company records are one account: average linkage on the evidence of all pairs, as for people. Grain: one row per record."""

from python_udfs.identity.cluster import cluster_table


def model(dbt, session):
    """Columns: record_key, cluster_key (the record_key of the cluster's first record), is_full."""
    records = dbt.ref("int_account_records")
    fixed = dbt.ref("int_account_fixed_pairs")
    return cluster_table(
        record_keys=records.order("record_key").select("record_key").fetchnumpy()["record_key"],
        pairs=dbt.ref("int_account_pair_evidence").fetchnumpy(),
        links=fixed.filter("is_same").select("left_key, right_key, strength, is_manual").fetchnumpy(),
        apart=fixed.filter("not is_same").select("left_key, right_key, is_absolute").fetchnumpy(),
        exclusive=records.filter("false").select("record_key, 0 as feed_number").fetchnumpy(),
        weights=dbt.ref("int_account_match_weights").df(),
        levels=dbt.ref("int_account_comparison_levels").df(),
        threshold=float(dbt.config.meta_get("threshold")),
        unseen_weight=float(dbt.config.meta_get("unseen_pair_weight")),
    )
