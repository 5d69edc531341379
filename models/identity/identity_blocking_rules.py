"""The blocking rules in use, chosen by what they find and what they cost. Grain: one row per candidate rule."""

from python_udfs.identity.blocking import blocking_rules_table
from python_udfs.identity.keep import learned_before


def model(dbt, session):
    """Greedy choice on the sampled patterns; see python_udfs/identity/blocking.py."""
    run = dbt.ref("identity_run")
    sources = dbt.ref("identity_source_counts")
    candidates = dbt.ref("identity_blocking_candidates")
    weights = dbt.ref("identity_match_weights")
    patterns = dbt.ref("identity_sample_patterns")
    learned = learned_before(session, dbt.this, run)
    if learned is not None:
        return learned
    return blocking_rules_table(
        candidates=candidates.df(),
        weights=weights.df(),
        patterns=patterns.fetchnumpy(),
        record_count=int(sources.fetchnumpy()["record_count"].sum()),
        pair_budget=float(dbt.config.meta_get("pair_budget")),
        least_yield=float(dbt.config.meta_get("least_yield")),
        use_all=bool(dbt.config.meta_get("use_all")),
    )
