"""Choice of blocking rules: as many true pairs as possible for as few comparisons as possible."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from python_udfs.identity.patterns import SAME_SOURCE_BIT, decode_patterns

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# What finding a pair once more costs, in pairs compared: a row of the join that makes the pairs, against the comparisons of all attributes.
REPEATED_PAIR_COST = 0.1


def match_probability(patterns: IntArray, weights: pd.DataFrame) -> FloatArray:
    """Probability that a pair with each pattern is a match, without value frequencies.

    Args:
        patterns: packed levels, shape (n,).
        weights: the table of identity_match_weights.

    Returns:
        Probabilities, shape (n,).
    """
    levels = weights[weights["comparison_number"] >= 0]
    prior = weights[weights["comparison_number"] < 0].set_index("label")["m"]
    comparisons = int(levels["comparison_number"].max()) + 1
    decoded = decode_patterns(patterns, comparisons)
    bits = {name: np.zeros((comparisons, 32)) for name in ("m", "u", "h")}
    for name, table in bits.items():
        table[levels["comparison_number"], levels["level"]] = np.log2(levels[name].to_numpy(dtype=np.float64))
    columns = np.arange(comparisons)
    total = {name: table[columns[None, :], decoded].sum(axis=1) for name, table in bits.items()}
    same = ((patterns >> SAME_SOURCE_BIT) & 1).astype(bool)
    m = total["m"] + np.where(same, np.log2(prior["match in one source"]), np.log2(prior["match between sources"]))
    against = np.logaddexp2(total["u"], total["h"] + np.log2(prior["household"]))
    return np.asarray(1.0 / (1.0 + np.exp2(np.clip(against - m, -500, 500))))


def choose_rules(
    rules: IntArray,
    pairs: FloatArray,
    matches: FloatArray,
    usable: list[int],
    budget: float,
    least_yield: float,
    free: float = 0.0,
) -> list[tuple[int, float, float]]:
    """Choose rules greedily by new matches per new pair, then drop those that the others have made superfluous.

    A rule that was worth its pairs when it was chosen finds few matches of its own once broader rules have joined it. It still makes
    all its pairs again, so it stays only if its own matches are worth that.

    Args:
        rules: bit mask of the rules that find a group of pairs, shape (n,).
        pairs: pairs in the group, shape (n,).
        matches: expected matches in the group, shape (n,).
        usable: numbers of the rules to choose from.
        budget: pairs that may be compared in all.
        least_yield: a rule that adds fewer matches per pair than this is not worth its cost.
        free: so many pairs in all may be compared whatever they yield.

    Returns:
        (rule number, new pairs, new matches) in the order of choice.
    """
    masks, inverse = np.unique(rules, return_inverse=True)
    pairs = np.bincount(inverse, pairs, len(masks)).astype(np.float64)
    matches = np.bincount(inverse, matches, len(masks)).astype(np.float64)
    chosen = _by_yield(list(usable), masks, pairs, matches, budget, least_yield, free)
    needed = _without_superfluous([rule for rule, _, _ in chosen], masks, pairs, matches, least_yield, free)
    return _by_yield(needed, masks, pairs, matches, np.inf, 0.0, free)


def _by_yield(
    remaining: list[int],
    masks: IntArray,
    pairs: FloatArray,
    matches: FloatArray,
    budget: float,
    least_yield: float,
    free: float,
) -> list[tuple[int, float, float]]:
    """Rules in the order of new matches per new pair, as choose_rules returns them."""
    remaining = list(remaining)
    open_rows = np.ones(len(masks), dtype=bool)
    spent = 0.0
    chosen: list[tuple[int, float, float]] = []
    while remaining:
        best: tuple[float, int, float, float] | None = None
        for rule in remaining:
            hit = open_rows & ((masks >> rule) & 1 == 1)
            new_pairs, new_matches = float(pairs[hit].sum()), float(matches[hit].sum())
            if new_pairs <= 0 or spent + new_pairs > budget:
                continue
            gain = new_matches / new_pairs
            if (gain >= least_yield or spent + new_pairs <= free) and (best is None or gain > best[0]):
                best = (gain, rule, new_pairs, new_matches)
        if best is None:
            break
        _, rule, new_pairs, new_matches = best
        chosen.append((rule, new_pairs, new_matches))
        spent += new_pairs
        open_rows &= (masks >> rule) & 1 == 0
        remaining.remove(rule)
    return chosen


def _without_superfluous(
    rules: list[int], masks: IntArray, pairs: FloatArray, matches: FloatArray, least_yield: float, free: float
) -> list[int]:
    """The rules whose own matches are worth making all their pairs; the least worthy is dropped first, because others then gain."""
    kept = list(rules)
    while len(kept) > 1:
        found = [(masks >> rule) & 1 == 1 for rule in kept]
        times = np.sum(found, axis=0)
        rows = [float(pairs[hit].sum()) for hit in found]
        distinct = float(pairs[times > 0].sum())
        if distinct + REPEATED_PAIR_COST * (sum(rows) - distinct) <= free:
            break
        worth = [
            float(matches[hit & (times == 1)].sum()) / (own + REPEATED_PAIR_COST * (cost - own)) if cost else 0.0
            for hit, cost in zip(found, rows, strict=True)
            for own in [float(pairs[hit & (times == 1)].sum())]
        ]
        least = int(np.argmin(worth))
        if worth[least] >= least_yield:
            break
        del kept[least]
    return kept


def blocking_rules_table(
    candidates: pd.DataFrame,
    weights: pd.DataFrame,
    patterns: dict[str, npt.NDArray[np.generic]],
    record_count: int,
    pair_budget: float,
    least_yield: float,
    use_all: bool,
) -> pd.DataFrame:
    """Candidates with the choice made.

    Args:
        candidates: rule_number, blocking_rule, is_usable and more, one row per rule.
        weights: the table of identity_match_weights.
        patterns: arrays pattern, rules, pair_count of the sample.
        record_count: records in the whole data.
        pair_budget: pairs allowed per record.
        least_yield: least matches per pair that a rule must add.
        use_all: take every usable rule (the rules were given by hand).

    Returns:
        The candidates with choice_order, new_pairs, new_matches and is_selected.
    """
    pattern = np.asarray(patterns["pattern"], dtype=np.int64)
    pairs = np.asarray(patterns["pair_count"], dtype=np.float64)
    usable = sorted(int(number) for number in candidates.loc[candidates["is_usable"].astype(bool), "rule_number"])
    chosen = choose_rules(
        rules=np.asarray(patterns["rules"], dtype=np.int64),
        pairs=pairs,
        matches=pairs * match_probability(pattern, weights),
        usable=usable,
        budget=np.inf if use_all else pair_budget * record_count,
        least_yield=0.0 if use_all else least_yield,
        # A pair a record costs nothing to speak of, and of a handful of records too little is known to be choosy.
        free=float(record_count),
    )
    if use_all:
        found = {number for number, _, _ in chosen}
        chosen += [(number, 0.0, 0.0) for number in usable if number not in found]
    choice = pd.DataFrame(chosen, columns=["rule_number", "new_pairs", "new_matches"])
    choice["choice_order"] = np.arange(1, len(choice) + 1)
    table = candidates.merge(choice, on="rule_number", how="left").sort_values("rule_number", ignore_index=True)
    table["choice_order"] = table["choice_order"].astype("Int32")
    table["is_selected"] = table["choice_order"].notna()
    return table
