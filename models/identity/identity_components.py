"""Groups of records that matches and strong links connect: what may be one person at all. Grain: one row per record in a group."""

from python_udfs.identity.cluster import component_table


def model(dbt, session):
    """Columns: record_key, component_key (the smallest record_key of the group). Records that match nobody are left out."""
    links = dbt.ref("identity_links")
    return component_table(links.fetchnumpy())
