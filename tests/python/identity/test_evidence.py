"""The evidence of a pair is its match weight in parts, and that of a group what its pairs say together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from python_udfs.identity.blocking import match_probability
from python_udfs.identity.evidence import Evidence, pair_evidence

# Comparison, its number, whether it identifies a person, whether a person has several values.
DECLARED = [("name", 0, True, False), ("email", 1, False, True), ("birth_date", 2, True, False)]
M, U, H = ([0.1, 0.9], [0.8, 0.2], [0.5, 0.5])
LEVELS = pd.DataFrame(
    [(number, name, level, person, several) for name, number, person, several in DECLARED for level in (1, 2)],
    columns=["comparison_number", "comparison", "level", "is_person", "has_several_values"],
)
WEIGHTS = pd.concat(
    [
        LEVELS[["comparison_number", "comparison", "level"]].assign(label="", m=M * 3, u=U * 3, h=H * 3),
        pd.DataFrame(
            [
                (-1, "prior", 0, "match between sources", 0.25),
                (-1, "prior", 1, "match in one source", 0.125),
                (-1, "prior", 2, "household", 0.0625),
            ],
            columns=["comparison_number", "comparison", "level", "label", "m"],
        ),
    ],
    ignore_index=True,
)
SAME_SOURCE = 2**60


def pattern(name: int, email: int, birth_date: int) -> int:
    return name + 32 * email + 1024 * birth_date


def evidence(patterns: list[int], **frequencies: list[float]) -> Evidence:
    zeros = [0.0] * len(patterns)
    parts = {"given_name": zeros, "family_name": zeros, "email": zeros, "birth_date": zeros} | frequencies
    pairs: dict[str, npt.NDArray[np.generic]] = {
        f"{name}_frequency_bits": np.array(bits) for name, bits in parts.items()
    }
    return pair_evidence(pairs | {"pattern": np.array(patterns, dtype=np.int64)}, WEIGHTS, LEVELS)


def group_weight(pairs: Evidence) -> float:
    """Weight of all pairs as one group."""
    summed, most = pairs.values[: pairs.summed].sum(axis=1), pairs.values[pairs.summed :].max(axis=1)
    return float(pairs.weigh(np.concatenate([summed, most])[:, None])[0])


PATTERNS = [pattern(2, 2, 2), pattern(1, 2, 0), pattern(0, 0, 0), pattern(2, 1, 1) + SAME_SOURCE, pattern(0, 2, 1)]


def test_the_weight_of_one_pair_is_its_log_odds() -> None:
    probability = match_probability(np.array(PATTERNS, dtype=np.int64), WEIGHTS)
    pairs = evidence(PATTERNS)
    assert pairs.weigh(pairs.values) == pytest.approx(np.log2(probability / (1 - probability)), abs=1e-4)


@pytest.mark.parametrize("part", ["given_name", "birth_date"])
def test_a_rare_value_that_identifies_a_person_counts_against_strangers_and_household(part: str) -> None:
    plain, rare = (evidence([pattern(2, 2, 2)], **{part: [bits]}) for bits in (0.0, 7.0))
    assert group_weight(rare) - group_weight(plain) == pytest.approx(7.0, abs=1e-4)


@pytest.mark.parametrize("part", ["family_name", "email"])
def test_a_rare_value_that_a_household_shares_counts_against_strangers_alone(part: str) -> None:
    """However rare it is, two people of one household have it together."""
    rare = evidence([pattern(2, 2, 2)], **{part: [500.0]})
    against_household = np.log2(0.9 / 0.5) * 3 + np.log2(0.25 / 0.0625)
    assert group_weight(rare) == pytest.approx(against_household, abs=1e-4)


def test_a_missing_value_is_no_evidence_however_many_pairs_miss_it() -> None:
    complete = [pattern(2, 1, 1)] * 2
    assert group_weight(evidence([*complete, pattern(2, 0, 0), pattern(0, 0, 0)])) == pytest.approx(
        group_weight(evidence(complete)), abs=1e-4
    )


def test_of_a_single_value_the_mean_over_the_pairs_counts() -> None:
    """One birth date that disagrees and one that agrees lie between two that agree and two that disagree."""
    agree, mixed, differ = (
        group_weight(evidence([pattern(2, 0, a), pattern(2, 0, b)])) for a, b in ((2, 2), (1, 2), (1, 1))
    )
    assert differ < mixed < agree


def test_of_several_values_the_best_agreement_counts() -> None:
    """People have several addresses: one that two groups share is not weakened by the pairs of others."""
    shared = group_weight(evidence([pattern(2, 2, 0)]))
    assert group_weight(evidence([pattern(2, 2, 0), pattern(2, 1, 0), pattern(2, 1, 0)])) == pytest.approx(
        shared, abs=1e-4
    )
    assert group_weight(evidence([pattern(2, 1, 0), pattern(2, 1, 0)])) < shared


def test_no_pairs_have_no_evidence() -> None:
    pairs = evidence([])
    assert pairs.values.shape[1] == 0
    assert len(pairs.weigh(pairs.values)) == 0
