"""Clusters of records that are one person, by average linkage on the evidence of all pairs. Grain: one row per record."""

from python_udfs.identity.cluster import cluster_table


def model(dbt, session):
    """Columns: record_id, record_key, cluster_key (the smallest record_key of the cluster)."""
    links = dbt.ref("identity_strong_links")
    records = dbt.ref("identity_features")
    return cluster_table(
        records=records.select("record_key, record_id"),
        pairs=dbt.ref("identity_component_pairs").fetchnumpy(),
        links=links.filter("not is_over_limit").select("left_key, right_key").fetchnumpy(),
        weights=dbt.ref("identity_match_weights").df(),
        levels=dbt.ref("identity_comparison_levels").df(),
        threshold=float(dbt.config.meta_get("threshold")),
        unseen_weight=float(dbt.config.meta_get("unseen_pair_weight")),
    )
