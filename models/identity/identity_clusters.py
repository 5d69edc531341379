"""Clusters of records that are one person, by average linkage on the scored pairs. Grain: one row per record."""

from python_udfs.identity.cluster import cluster_table


def model(dbt, session):
    """Columns: record_id, cluster_key (the smallest record_key of the cluster), record_key."""
    return cluster_table(
        records=dbt.ref("identity_features").select("record_key, record_id"),
        pairs=dbt.ref("identity_scored_pairs").select("left_key, right_key, match_weight").fetchnumpy(),
        links=dbt.ref("identity_strong_links").filter("not is_over_limit").select("left_key, right_key").fetchnumpy(),
        threshold=float(dbt.config.meta_get("threshold")),
        unseen_weight=float(dbt.config.meta_get("unseen_pair_weight")),
    )
