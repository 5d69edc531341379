"""Clusters of records that are one person, by average linkage on the evidence of all pairs. Grain: one row per record."""

from python_udfs.identity.cluster import cluster_table


def model(dbt, session):
    """Columns: record_id, record_key, cluster_key (the smallest record_key of the cluster), is_full."""
    links = dbt.ref("identity_strong_links")
    apart = dbt.ref("identity_cannot_links")
    exclusive = dbt.ref("identity_kept_apart")
    records = dbt.ref("identity_features")
    return cluster_table(
        records=records.select("record_key, record_id"),
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
