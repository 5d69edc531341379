"""Clusters inside the groups of this run, by average linkage on the evidence of all pairs. Grain: one row per record of such a group."""

from python_udfs.identity.cluster import cluster_table


def model(dbt, session):
    """Columns: record_key, cluster_key (the record_key of the cluster's first record), is_full."""
    records = dbt.ref("identity_component_records")
    links = dbt.ref("identity_strong_links")
    apart = dbt.ref("identity_cannot_links")
    exclusive = dbt.ref("identity_kept_apart")
    return cluster_table(
        record_keys=records.order("record_order").select("record_key").fetchnumpy()["record_key"],
        pairs=dbt.ref("identity_component_pairs").fetchnumpy(),
        links=links.filter("not is_over_limit").select("left_key, right_key, strength, is_manual").fetchnumpy(),
        apart=apart.select("left_key, right_key, is_absolute").fetchnumpy(),
        exclusive=exclusive.select("record_key, feed_number").fetchnumpy(),
        weights=dbt.ref("identity_match_weights").df(),
        levels=dbt.ref("identity_comparison_levels").df(),
        threshold=float(dbt.config.meta_get("threshold")),
        unseen_weight=float(dbt.config.meta_get("unseen_pair_weight")),
        max_records=int(dbt.config.meta_get("max_records")),
    )
