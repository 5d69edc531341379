"""Match weights of company records, learned as those of people are. Grain: one row per comparison and level, and one per prior."""

from python_udfs.identity.weights_table import match_weights_table


def model(dbt, session):
    """Columns as in identity_match_weights."""
    patterns = dbt.ref("int_account_patterns")
    counts = dbt.ref("int_account_value_counts")
    records = dbt.ref("int_account_records")
    return match_weights_table(
        levels=dbt.ref("int_account_comparison_levels").df(),
        rules=dbt.ref("int_account_blocking_rules").df(),
        patterns=patterns.filter("not is_random").fetchnumpy(),
        random_patterns=patterns.filter("is_random").fetchnumpy(),
        rates=counts.aggregate(
            "comparison as attribute, "
            "sum(record_count * (record_count - 1.0)) / (sum(record_count) * (sum(record_count) - 1.0)) as agreement_rate, "
            "sum(record_count) as known_count",
            "comparison",
        )
        .filter("known_count > 1")
        .df(),
        sources=records.aggregate("source_name, count(*) as record_count", "source_name").df(),
    )
