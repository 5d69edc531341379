"""Rules are chosen by what they add to those already chosen, within the budget."""

from __future__ import annotations

from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.identity.blocking import blocking_rules_table, choose_rules, match_probability

LEVELS = pd.DataFrame(
    [
        # m, u and h of two comparisons with two levels each
        (0, "name", 1, "different", 0.1, 0.9, 0.5),
        (0, "name", 2, "equal", 0.9, 0.1, 0.5),
        (1, "email", 1, "different", 0.25, 0.75, 0.25),
        (1, "email", 2, "equal", 0.75, 0.25, 0.75),
    ],
    columns=["comparison_number", "comparison", "level", "label", "m", "u", "h"],
)
PRIORS = pd.DataFrame(
    [
        (-1, "prior", 0, "match between sources", 0.2),
        (-1, "prior", 1, "match in one source", 0.02),
        (-1, "prior", 2, "household", 0.1),
        (-1, "prior", 3, "matches per record", 1.0),
    ],
    columns=["comparison_number", "comparison", "level", "label", "m"],
)
WEIGHTS = pd.concat([LEVELS, PRIORS], ignore_index=True)
SAME_SOURCE = 2**60


def test_match_probability_is_bayes_over_person_strangers_and_household() -> None:
    patterns = np.array([2 + 32 * 2, 2 + 32 * 2 + SAME_SOURCE, 1 + 32 * 0, 0], dtype=np.int64)
    expected = [
        0.9 * 0.75 * 0.2 / (0.9 * 0.75 * 0.2 + 0.1 * 0.25 + 0.5 * 0.75 * 0.1),
        0.9 * 0.75 * 0.02 / (0.9 * 0.75 * 0.02 + 0.1 * 0.25 + 0.5 * 0.75 * 0.1),
        0.1 * 0.2 / (0.1 * 0.2 + 0.9 + 0.5 * 0.1),
        0.2 / (0.2 + 1.0 + 0.1),
    ]
    assert match_probability(patterns, WEIGHTS) == pytest.approx(expected)


def chosen(
    groups: list[tuple[int, float, float]], usable: list[int], budget: float = np.inf, least_yield: float = 0.0
) -> list[tuple[int, float, float]]:
    masks, pairs, matches = (np.array(column) for column in zip(*groups, strict=True))
    return choose_rules(masks.astype(np.int64), pairs.astype(float), matches.astype(float), usable, budget, least_yield)


def test_rules_are_judged_by_what_they_add_and_not_by_what_they_find() -> None:
    """Rule 1 finds nearly all that rule 0 finds; beside it, it adds 1 match for 50 pairs, less per pair than rule 2."""
    groups = [(0b011, 100.0, 90.0), (0b001, 10.0, 8.0), (0b010, 50.0, 1.0), (0b100, 100.0, 20.0)]
    assert chosen(groups, [0, 1, 2]) == [(0, 110.0, 98.0), (2, 100.0, 20.0), (1, 50.0, 1.0)]


def test_a_rule_below_the_least_yield_is_not_worth_its_pairs() -> None:
    groups = [(0b01, 100.0, 90.0), (0b10, 100.0, 0.5)]
    assert [rule for rule, *_ in chosen(groups, [0, 1], least_yield=0.005)] == [0, 1]
    assert [rule for rule, *_ in chosen(groups, [0, 1], least_yield=0.0051)] == [0]


def test_a_rule_that_breaks_the_budget_is_passed_over_for_a_smaller_one() -> None:
    groups = [(0b001, 60.0, 60.0), (0b010, 50.0, 40.0), (0b100, 40.0, 10.0)]
    assert [rule for rule, *_ in chosen(groups, [0, 1, 2], budget=100.0)] == [0, 2]


def test_only_usable_rules_are_chosen_and_a_rule_without_new_pairs_is_not() -> None:
    groups = [(0b111, 10.0, 5.0)]
    assert chosen(groups, [2]) == [(2, 10.0, 5.0)]
    assert chosen(groups, [1, 2]) == [(1, 10.0, 5.0)]
    assert chosen(groups, []) == []


def test_a_rule_that_broader_ones_have_made_superfluous_is_dropped() -> None:
    """Rule 0 is the best to begin with; 1 and 2 find all but one of its matches, which is not worth making its 1,010 pairs again."""
    groups = [
        (0b011, 500.0, 480.0),
        (0b101, 500.0, 480.0),
        (0b001, 10.0, 0.3),
        (0b010, 500.0, 90.0),
        (0b100, 500.0, 90.0),
    ]
    assert [rule for rule, _, _ in chosen(groups, [0, 1, 2], least_yield=0.01)] == [1, 2]
    worth = [
        (0b011, 500.0, 480.0),
        (0b101, 500.0, 480.0),
        (0b001, 10.0, 9.0),
        (0b010, 500.0, 90.0),
        (0b100, 500.0, 90.0),
    ]
    assert sorted(rule for rule, _, _ in chosen(worth, [0, 1, 2], least_yield=0.01)) == [0, 1, 2]


GROUPS = st.lists(st.tuples(st.integers(0, 63), st.integers(0, 50), st.floats(0, 1)), min_size=1, max_size=20)


@given(GROUPS, st.integers(0, 300), st.sampled_from([0.0, 0.1, 0.5]))
def test_choice_stays_in_the_budget_counts_no_pair_twice_and_holds_the_yield(
    groups: list[tuple[int, int, float]], budget: int, least_yield: float
) -> None:
    rows = [(mask, float(pairs), pairs * share) for mask, pairs, share in groups]
    result = chosen(rows, list(range(6)), float(budget), least_yield)
    numbers = [rule for rule, *_ in result]
    union = sum(pairs for mask, pairs, _ in rows if any(mask >> rule & 1 for rule in numbers))
    assert len(set(numbers)) == len(numbers)
    assert sum(pairs for _, pairs, _ in result) == pytest.approx(union)
    assert union <= budget
    assert all(matches / pairs >= least_yield for _, pairs, matches in result)


@given(GROUPS, st.randoms(use_true_random=False))
def test_choice_does_not_depend_on_the_order_of_the_counts(
    groups: list[tuple[int, int, float]], random: Random
) -> None:
    """Whole numbers of matches, so that sums do not depend on the order either."""
    rows = [(mask, float(pairs), float(round(pairs * share))) for mask, pairs, share in groups]
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert chosen(rows, list(range(6)), 200.0, 0.05) == chosen(shuffled, list(range(6)), 200.0, 0.05)


def table(use_all: bool, pair_budget: float) -> pd.DataFrame:
    candidates = pd.DataFrame(
        {"rule_number": [2, 0, 1], "blocking_rule": ["postal", "email", "name"], "is_usable": [True, True, False]}
    )
    patterns: dict[str, np.ndarray] = {
        "pattern": np.array([2 + 32 * 2, 1 + 32 * 1, 1 + 32 * 1], dtype=np.int64),
        "rules": np.array([0b001, 0b100, 0b010], dtype=np.int64),
        "pair_count": np.array([10.0, 1000.0, 5.0]),
    }
    return blocking_rules_table(candidates, WEIGHTS, patterns, 100, pair_budget, 0.01, use_all)


def test_the_budget_is_per_record_and_the_table_keeps_every_candidate() -> None:
    result = table(use_all=False, pair_budget=0.1).set_index("blocking_rule")
    assert result["is_selected"].to_dict() == {"email": True, "name": False, "postal": False}
    assert result.loc["email", "choice_order"] == 1
    assert result.loc["email", "new_pairs"] == 10.0
    probability = 0.9 * 0.75 * 0.2 / (0.9 * 0.75 * 0.2 + 0.1 * 0.25 + 0.5 * 0.75 * 0.1)
    assert result.loc["email", "new_matches"] == pytest.approx(10.0 * probability)
    assert pd.isna(result.loc["postal", "choice_order"])


def test_rules_given_by_hand_are_used_whatever_they_cost_or_yield() -> None:
    """Postal code alone adds 2.4 matches per hundred thousand pairs and breaks the budget."""
    result = table(use_all=True, pair_budget=0.1).set_index("blocking_rule")
    assert result["is_selected"].to_dict() == {"email": True, "name": False, "postal": True}
