"""Match weights: the probability of every comparison level for one person (m), for strangers (u) and in a household (h)."""

from python_udfs.identity.keep import learned_before


def model(dbt, session):
    """Estimates the weights on counted patterns only; grain: one row per comparison and level, and one per prior."""
    run = dbt.ref("identity_run")
    levels = dbt.ref("identity_comparison_levels")
    rules = dbt.ref("identity_blocking_candidates")
    patterns = dbt.ref("identity_sample_patterns")
    random_patterns = dbt.ref("identity_random_patterns")
    rates = dbt.ref("identity_agreement_rates")
    sources = dbt.ref("identity_source_counts")
    learned = learned_before(session, dbt.this, run)
    if learned is not None:
        return learned
    # Imported late, because the library of the model takes as long to load as a small run.
    from python_udfs.identity.weights_table import match_weights_table

    return match_weights_table(
        levels=levels.df(),
        rules=rules.df(),
        patterns=patterns.fetchnumpy(),
        random_patterns=random_patterns.fetchnumpy(),
        rates=rates.df(),
        sources=sources.df(),
    )
