"""The measures of a clustering equal those counted pair by pair and record by record."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.identity.measures import ClusterMeasures, measure_clusters


def measured(records: list[tuple[int, int]]) -> ClusterMeasures:
    """Measures of records given as (cluster, entity), through the contingency table."""
    cells, counts = np.unique(np.array(records, dtype=np.int64).reshape(-1, 2), axis=0, return_counts=True)
    return measure_clusters(cells[:, 0], cells[:, 1], counts.astype(np.float64))


def by_pairs(records: list[tuple[int, int]]) -> tuple[float, float]:
    pairs = list(itertools.combinations(records, 2))
    both = sum(a[0] == b[0] and a[1] == b[1] for a, b in pairs)
    predicted = sum(a[0] == b[0] for a, b in pairs)
    true = sum(a[1] == b[1] for a, b in pairs)
    return (both / predicted if predicted else 1.0, both / true if true else 1.0)


def by_records(records: list[tuple[int, int]]) -> tuple[float, float]:
    precision, recall = [], []
    for cluster, entity in records:
        same_cluster = [r for r in records if r[0] == cluster]
        same_entity = [r for r in records if r[1] == entity]
        both = [r for r in same_cluster if r[1] == entity]
        precision.append(len(both) / len(same_cluster))
        recall.append(len(both) / len(same_entity))
    return float(np.mean(precision)), float(np.mean(recall))


def harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25))
def test_measures_equal_those_counted_by_hand(records: list[tuple[int, int]]) -> None:
    result = measured(records)
    precision, recall = by_pairs(records)
    b_precision, b_recall = by_records(records)
    assert (result.precision, result.recall) == pytest.approx((precision, recall))
    assert result.f1 == pytest.approx(harmonic(precision, recall))
    assert (result.b_cubed_precision, result.b_cubed_recall) == pytest.approx((b_precision, b_recall))
    assert result.b_cubed_f1 == pytest.approx(harmonic(b_precision, b_recall))


def test_one_cluster_of_everything_has_full_recall_and_little_precision() -> None:
    result = measured([(0, entity) for entity in (0, 0, 1, 1, 2)])
    assert result.recall == 1.0
    assert result.precision == pytest.approx(2 / 10)


def test_no_links_at_all_are_no_mistakes() -> None:
    result = measured([(0, 0), (1, 1)])
    assert (result.precision, result.recall, result.f1) == (1.0, 1.0, 1.0)


def test_no_records_are_no_mistakes() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    result = measure_clusters(nothing, nothing, np.zeros(0))
    assert result.f1 == 1.0
    assert result.b_cubed_f1 == 1.0


def test_measures_by_name_are_rounded() -> None:
    named = measured([(0, 0), (0, 0), (0, 1)]).as_dict()
    assert named["precision"] == 0.333333
    assert set(named) == {"precision", "recall", "f1", "b_cubed_precision", "b_cubed_recall", "b_cubed_f1"}
