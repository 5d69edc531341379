"""Match weights: the probability of every comparison level for one person (m), for strangers (u) and in a household (h)."""

from python_udfs.identity.weights_table import match_weights_table


def model(dbt, session):
    """Estimates the weights on counted patterns only; grain: one row per comparison and level, and one per prior."""
    return match_weights_table(
        levels=dbt.ref("identity_comparison_levels").df(),
        rules=dbt.ref("identity_blocking_candidates").df(),
        patterns=dbt.ref("identity_sample_patterns").fetchnumpy(),
        random_patterns=dbt.ref("identity_random_patterns").fetchnumpy(),
        rates=dbt.ref("identity_agreement_rates").df(),
        sources=dbt.ref("identity_source_counts").df(),
    )
