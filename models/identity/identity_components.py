"""Groups of records that matches and strong links connect: what may be one person at all. Grain: one row per record in a group."""

from python_udfs.identity.cluster import component_table


def model(dbt, session):
    """Columns: record_key, component_key (the smallest record_key of the group). Records that match nobody are left out."""
    pairs = dbt.ref("identity_scored_pairs")
    links = dbt.ref("identity_strong_links")
    threshold = float(dbt.config.meta_get("threshold"))
    return component_table(
        pairs=pairs.filter(f"match_weight >= {threshold}").select("left_key, right_key").fetchnumpy(),
        links=links.filter("not is_over_limit").select("left_key, right_key").fetchnumpy(),
    )
