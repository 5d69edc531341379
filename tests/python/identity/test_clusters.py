"""Average linkage by rounds equals average linkage one merge at a time, in any order of its input."""

from __future__ import annotations

import itertools
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_udfs.identity.cluster import average_linkage, cluster_table, component_table, must_link_groups
from python_udfs.identity.evidence import Evidence

IntArray = npt.NDArray[np.int64]
Pairs = dict[tuple[int, int], float]


def evidence_of(weights: list[float]) -> Evidence:
    """Evidence of one comparison against strangers alone: the weight of a group is the mean of its pairs."""
    values = [(weight, 1000.0, 1.0) for weight in weights]
    return Evidence(np.array(values, dtype=np.float32).reshape(-1, 3), summed=3)


def cluster(labels: list[int], pairs: Pairs, threshold: float = 0.0, unseen: float = -4.0) -> list[int]:
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    start = np.array(labels, dtype=np.int64)
    result = average_linkage(start, left, right, evidence_of(list(pairs.values())), threshold, unseen)
    return [int(label) for label in result]


def reference(labels: list[int], pairs: Pairs, threshold: float, unseen: float) -> list[int]:
    """Average linkage as the textbook has it: merge the closest two clusters, compare all records again, repeat."""
    groups = {label: [record for record, own in enumerate(labels) if own == label] for label in set(labels)}

    def mean(a: int, b: int) -> float:
        values = [pairs.get((min(i, j), max(i, j)), unseen) for i in groups[a] for j in groups[b]]
        return sum(values) / len(values)

    while len(groups) > 1:
        closest, a, b = max((round(mean(a, b), 9), -a, -b) for a, b in itertools.combinations(sorted(groups), 2))
        if closest < threshold:
            break
        groups[-a] += groups.pop(-b)
    result = [0] * len(labels)
    for members in groups.values():
        for record in members:
            result[record] = min(members)
    return result


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Pairs]:
    """Weights that are drawn, all different, so that no tie hides a wrong order of merges."""
    n = draw(st.integers(2, 9))
    possible = list(itertools.combinations(range(n), 2))
    present = draw(st.lists(st.sampled_from(possible), unique=True, min_size=1, max_size=len(possible)))
    values = draw(st.permutations(range(len(present))))
    seed = draw(st.integers(0, 2**32 - 1))
    noise = np.random.default_rng(seed).uniform(-0.4, 0.4, len(present))
    centre = draw(st.integers(-3, 3))
    return n, {
        pair: float(value - len(present) / 2 + centre + e)
        for pair, value, e in zip(present, values, noise, strict=True)
    }


@given(graphs(), st.sampled_from([0.0, 1.5]))
@settings(max_examples=300)
def test_rounds_of_mutual_neighbours_equal_one_merge_at_a_time(graph: tuple[int, Pairs], threshold: float) -> None:
    n, pairs = graph
    assert cluster(list(range(n)), pairs, threshold) == reference(list(range(n)), pairs, threshold, -4.0)


@given(graphs(), st.data())
@settings(max_examples=150)
def test_must_links_are_kept_and_weigh_as_the_records_they_join(graph: tuple[int, Pairs], data: st.DataObject) -> None:
    n, pairs = graph
    links = data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=3))
    left, right = (np.array([link[side] for link in links], dtype=np.int64) for side in (0, 1))
    start = [int(label) for label in must_link_groups(n, left, right)]
    result = cluster(start, pairs)
    assert result == reference(start, pairs, 0.0, -4.0)
    assert all(result[a] == result[b] for a, b in links)


@given(graphs(), st.data())
@settings(max_examples=150)
def test_neither_the_order_of_pairs_nor_their_direction_matters(graph: tuple[int, Pairs], data: st.DataObject) -> None:
    """Rounded weights, so that ties occur."""
    n, exact = graph
    pairs = {pair: float(round(weight)) for pair, weight in exact.items()}
    order = data.draw(st.permutations(list(pairs)))
    turned = data.draw(st.lists(st.booleans(), min_size=len(order), max_size=len(order)))
    other = {(pair[1], pair[0]) if turn else pair: pairs[pair] for pair, turn in zip(order, turned, strict=True)}
    assert cluster(list(range(n)), pairs) == cluster(list(range(n)), other)


@given(graphs())
@settings(max_examples=150)
def test_clustering_its_own_result_changes_nothing(graph: tuple[int, Pairs]) -> None:
    n, pairs = graph
    once = cluster(list(range(n)), pairs)
    assert cluster(once, pairs) == once
    assert all(once[label] == label <= record for record, label in enumerate(once))


def test_a_chain_of_weak_links_is_not_one_person() -> None:
    """0-1 and 2-3 are strong, 1-2 is weak: connected components would make one person of four records."""
    assert cluster([0, 1, 2, 3], {(0, 1): 8.0, (1, 2): 1.0, (2, 3): 8.0}) == [0, 0, 2, 2]


def test_a_group_whose_pairs_were_all_seen_holds_together() -> None:
    assert cluster([0, 1, 2], {(0, 1): 8.0, (1, 2): 2.0, (0, 2): -1.0}) == [0, 0, 0]


def test_a_strong_negative_pair_keeps_clusters_apart() -> None:
    assert cluster([0, 1, 2], {(0, 1): 8.0, (1, 2): 3.0, (0, 2): -9.0}) == [0, 0, 2]


def test_pairs_never_scored_count_against_a_merge() -> None:
    pairs = {(0, 1): 9.0, (1, 2): 5.0}
    assert cluster([0, 1, 2], pairs, unseen=-4.0) == [0, 0, 0]
    assert cluster([0, 1, 2], pairs, unseen=-6.0) == [0, 0, 2]


def test_a_merge_needs_the_threshold_and_reaching_it_is_enough() -> None:
    assert cluster([0, 1], {(0, 1): 2.0}, threshold=2.0) == [0, 0]
    assert cluster([0, 1], {(0, 1): 1.999}, threshold=2.0) == [0, 1]


def test_among_equally_near_clusters_the_one_of_the_smaller_record_is_joined() -> None:
    assert cluster([0, 1, 2], {(0, 1): 5.0, (1, 2): 5.0, (0, 2): -30.0}) == [0, 0, 2]
    assert cluster([0, 1, 2], {(1, 2): 5.0, (0, 2): 5.0, (0, 1): -30.0}) == [0, 1, 0]


def test_groups_that_share_one_of_several_values_merge() -> None:
    """0 and 1 are one person with two addresses, of which 2 has one: prior -4, agreement 5, disagreement -3."""
    values = np.array([(-4.0, 1000.0, 1.0, best, 0.0) for best in (5.0, -3.0)], dtype=np.float32)
    evidence = Evidence(values, summed=3)
    pairs = np.array([0, 1]), np.array([2, 2])
    assert average_linkage(np.array([0, 0, 2]), *pairs, evidence).tolist() == [0, 0, 0]
    assert average_linkage(np.array([0, 0, 2]), *pairs, evidence, threshold=1.5).tolist() == [0, 0, 2]


def test_a_run_that_does_not_converge_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match="max_rounds"):
        average_linkage(np.arange(2), np.array([0]), np.array([1]), evidence_of([5.0]), max_rounds=1)


def test_must_links_join_transitively_under_the_smallest_record() -> None:
    groups = must_link_groups(6, np.array([4, 2]), np.array([1, 4]))
    assert groups.tolist() == [0, 1, 1, 3, 1, 5]
    assert must_link_groups(3, np.array([], dtype=np.int64), np.array([], dtype=np.int64)).tolist() == [0, 1, 2]


def arrays(**columns: list[Any]) -> dict[str, npt.NDArray[np.generic]]:
    return {name: np.array(values, dtype=np.int64) for name, values in columns.items()}


LEVELS = pd.DataFrame(
    [(0, "gender", 1, "different", True, False), (0, "gender", 2, "equal", True, False)],
    columns=["comparison_number", "comparison", "level", "label", "is_person", "has_several_values"],
)
WEIGHTS = pd.DataFrame(
    [
        (0, "gender", 1, "different", 0.01, 0.99, 0.9),
        (0, "gender", 2, "equal", 0.99, 0.01, 0.1),
        (-1, "prior", 0, "match between sources", 0.5, None, None),
        (-1, "prior", 1, "match in one source", 0.5, None, None),
        (-1, "prior", 2, "household", 0.1, None, None),
        (-1, "prior", 3, "matches per record", 1.0, None, None),
    ],
    columns=["comparison_number", "comparison", "level", "label", "m", "u", "h"],
).astype({"u": float, "h": float})


def test_the_table_of_clusters_has_every_record_in_the_order_of_its_key() -> None:
    """0 and 2 agree, 1 and 2 disagree; 1 and 3 share a strong identifier."""
    records = duckdb.sql("select * from (values (2, 'c'), (0, 'a'), (3, 'd'), (1, 'b')) as t (record_key, record_id)")
    result = cluster_table(
        records,
        arrays(left_key=[0, 1], right_key=[2, 2], pattern=[2, 1]),
        arrays(left_key=[1], right_key=[3]),
        WEIGHTS,
        LEVELS,
        0.0,
        -4.0,
    )
    expected = {"record_id": ["a", "b", "c", "d"], "record_key": [0, 1, 2, 3], "cluster_key": [0, 1, 0, 1]}
    assert result.to_pydict() == expected


def test_without_records_there_are_no_clusters() -> None:
    records = duckdb.sql("select 0 as record_key, 'a' as record_id where false")
    nothing = arrays(left_key=[], right_key=[], pattern=[])
    assert cluster_table(records, nothing, nothing, WEIGHTS, LEVELS, 0.0, -4.0).num_rows == 0


def test_components_join_matches_and_strong_links_and_leave_out_the_rest() -> None:
    result = component_table(arrays(left_key=[2, 7], right_key=[5, 9]), arrays(left_key=[5], right_key=[7]))
    assert result.to_pydict() == {"record_key": [2, 5, 7, 9], "component_key": [2, 2, 2, 2]}
    assert component_table(arrays(left_key=[], right_key=[]), arrays(left_key=[], right_key=[])).num_rows == 0
