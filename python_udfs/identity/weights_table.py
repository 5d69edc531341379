"""Wiring between the warehouse tables of the linkage and the match model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from python_udfs.identity.match_model import Comparison, Rule, Weights, estimate_weights

# Which counted agreement rate belongs to which level of which comparison (see `exact` in macros/identity/comparisons.sql).
EXACT_LEVELS: dict[str, dict[int, str]] = {
    "name": {29: "given_key, family_key"},
    "birth_date": {6: "birth_day"},
    "gender": {2: "gender"},
    "email": {5: "email", 2: "email_domain"},
    "phone": {4: "phone"},
    "address": {8: "address"},
}


def match_weights_table(
    levels: pd.DataFrame,
    rules: pd.DataFrame,
    patterns: dict[str, npt.NDArray[np.generic]],
    random_patterns: dict[str, npt.NDArray[np.generic]],
    rates: pd.DataFrame,
    sources: pd.DataFrame,
) -> pd.DataFrame:
    """Estimate the match weights and lay them out as a table.

    Args:
        levels: comparison_number, comparison, level, label, is_person.
        rules: rule_number, is_usable, is_training_rule, comparisons (comma-separated names).
        patterns: arrays pattern, rules, pair_count.
        random_patterns: arrays pattern, pair_count.
        rates: attribute, agreement_rate.
        sources: source_name, record_count.

    Returns:
        comparison_number, comparison, level, label, m, u, h (probabilities), match_weight (bits, log2 m/u). The priors are rows with
        comparison_number -1: comparison 'prior', label 'match between sources', 'match in one source', 'household' with m the share of
        all pairs, and 'matches per record' with m the expected number.
    """
    ordered = levels.sort_values(["comparison_number", "level"])
    comparisons = [
        Comparison(
            name=str(group["comparison"].iloc[0]),
            levels=int(group["level"].max()),
            is_person=bool(group["is_person"].iloc[0]),
        )
        for _, group in ordered.groupby("comparison_number", sort=True)
    ]
    selected = rules[rules["is_usable"].astype(bool)]
    selected = selected.sort_values("rule_number")
    blocking = [
        Rule(int(number), frozenset(str(used).split(",")), bool(trains))
        for number, used, trains in zip(
            selected["rule_number"], selected["comparisons"], selected["is_training_rule"], strict=True
        )
    ]
    rate_of = dict(zip(rates["attribute"], rates["agreement_rate"].astype(float), strict=True))
    exact_rates: dict[str, dict[int, float]] = {}
    for comparison in comparisons:
        wanted = EXACT_LEVELS.get(comparison.name, {comparison.levels: comparison.name})
        exact_rates[comparison.name] = {level: rate_of[name] for level, name in wanted.items() if name in rate_of}
    sizes = sources["record_count"].to_numpy(dtype=np.float64)
    same = float((sizes * (sizes - 1) / 2).sum())
    total = float(sizes.sum() * (sizes.sum() - 1) / 2)
    order = np.lexsort((patterns["rules"], patterns["pattern"]))
    random_order = np.argsort(random_patterns["pattern"], kind="stable")
    weights = estimate_weights(
        comparisons=comparisons,
        rules=blocking,
        patterns=np.asarray(patterns["pattern"], dtype=np.int64)[order],
        pattern_rules=np.asarray(patterns["rules"], dtype=np.int64)[order],
        counts=np.asarray(patterns["pair_count"], dtype=np.float64)[order],
        random_patterns=np.asarray(random_patterns["pattern"], dtype=np.int64)[random_order],
        random_counts=np.asarray(random_patterns["pair_count"], dtype=np.float64)[random_order],
        exact_rates=exact_rates,
        pairs_same_source=same,
        pairs_other_source=total - same,
        record_count=int(sizes.sum()),
    )
    return _as_table(ordered, weights)


def _as_table(levels: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """One row per comparison level, then the priors."""
    number = levels["comparison_number"].to_numpy(dtype=np.int64)
    level = levels["level"].to_numpy(dtype=np.int64)
    pick = {
        name: np.array([parts[n][lv] for n, lv in zip(number, level, strict=True)], dtype=np.float64)
        for name, parts in (("m", weights.m), ("u", weights.u), ("h", weights.h))
    }
    table = pd.DataFrame(
        {
            "comparison_number": number.astype(np.int32),
            "comparison": levels["comparison"].to_numpy(),
            "level": level.astype(np.int32),
            "label": levels["label"].to_numpy(),
            **pick,
            "match_weight": np.log2(pick["m"]) - np.log2(pick["u"]),
        }
    )
    priors = pd.DataFrame(
        {
            "comparison_number": np.full(4, -1, dtype=np.int32),
            "comparison": "prior",
            "level": np.arange(4, dtype=np.int32),
            "label": ["match between sources", "match in one source", "household", "matches per record"],
            "m": [
                weights.prior_match_other_source,
                weights.prior_match_same_source,
                weights.prior_household,
                weights.matches_per_record,
            ],
        }
    )
    for column in ("u", "h", "match_weight"):
        priors[column] = np.nan
    return pd.concat([table, priors], ignore_index=True)
