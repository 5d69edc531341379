"""The customer ids of the clusters that cannot be settled by counting. Grain: one row per undecided cluster."""

from python_udfs.identity.ledger import choose_ids


def model(dbt, session):
    """Columns: cluster_key, customer_id."""
    overlaps = dbt.ref("identity_id_overlaps")
    candidates = dbt.ref("identity_id_candidates")
    return choose_ids(overlaps.to_arrow_table(), candidates.to_arrow_table())
