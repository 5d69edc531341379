"""Average linkage by rounds equals average linkage one merge at a time, in any order of its input, and keeps its limits."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from python_udfs.identity.cluster import (
    Limits,
    MustLinks,
    average_linkage,
    cluster_table,
    component_table,
    must_link_groups,
)
from python_udfs.identity.evidence import Evidence

IntArray = npt.NDArray[np.int64]
Pairs = dict[tuple[int, int], float]


def evidence_of(weights: list[float]) -> Evidence:
    """Evidence of one comparison against strangers alone: the weight of a group is the mean of its pairs."""
    values = [(weight, 1000.0, 1.0) for weight in weights]
    return Evidence(np.array(values, dtype=np.float32).reshape(-1, 3).T, summed=3)


def places(pairs: list[tuple[int, int]]) -> tuple[IntArray, IntArray]:
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    return left, right


def limited(
    apart: list[tuple[int, int]] | None = None, exclusive: list[int] | None = None, max_records: int = 0
) -> Limits:
    bits = None if exclusive is None else np.array(exclusive, dtype=np.int64)
    return Limits(*places(apart or []), bits, max_records)


def must(
    links: list[tuple[int, int]],
    strength: list[float] | None = None,
    manual: list[bool] | None = None,
    disagree: list[tuple[int, int]] | None = None,
) -> MustLinks:
    return MustLinks(
        *places(links),
        np.array(strength or [0.0] * len(links), dtype=np.float64),
        np.array(manual or [False] * len(links), dtype=bool),
        *places(disagree or []),
    )


def cluster(
    labels: list[int], pairs: Pairs, threshold: float = 0.0, unseen: float = -4.0, limits: Limits | None = None
) -> list[int]:
    left, right = places(list(pairs))
    start = np.array(labels, dtype=np.int64)
    result = average_linkage(start, left, right, evidence_of(list(pairs.values())), threshold, unseen, limits)
    return [int(label) for label in result.labels]


def reference(
    labels: list[int], pairs: Pairs, threshold: float, unseen: float, limits: Limits | None = None
) -> list[int]:
    """Average linkage as the textbook has it: merge the closest two clusters, compare all records again, repeat."""
    groups = {label: [record for record, own in enumerate(labels) if own == label] for label in set(labels)}
    limits = limits or Limits()
    apart = {frozenset(pair) for pair in zip(limits.left.tolist(), limits.right.tolist(), strict=True)}
    bits = [0] * len(labels) if limits.exclusive is None else limits.exclusive.tolist()

    def mean(a: int, b: int) -> float:
        values = [pairs.get((min(i, j), max(i, j)), unseen) for i in groups[a] for j in groups[b]]
        return sum(values) / len(values)

    def may_merge(a: int, b: int) -> bool:
        kept_apart = any(frozenset((i, j)) in apart or bits[i] & bits[j] for i in groups[a] for j in groups[b])
        return not kept_apart and not 0 < limits.max_records < len(groups[a]) + len(groups[b])

    while len(groups) > 1:
        merges = [
            (round(mean(a, b), 9), -a, -b) for a, b in itertools.combinations(sorted(groups), 2) if may_merge(a, b)
        ]
        closest, a, b = max(merges, default=(-np.inf, 0, 0))
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
    start = [int(label) for label in must_link_groups(n, must(links))]
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
    evidence = Evidence(values.T, summed=3)
    pairs = np.array([0, 1]), np.array([2, 2])
    assert average_linkage(np.array([0, 0, 2]), *pairs, evidence).labels.tolist() == [0, 0, 0]
    assert average_linkage(np.array([0, 0, 2]), *pairs, evidence, threshold=1.5).labels.tolist() == [0, 0, 2]


def test_however_many_records_are_alike_they_are_merged() -> None:
    """Of equally near records one joins in each round. The blocks that brought them together overlap, so that the rounds add up."""
    pairs = sorted({pair for start in (0, 100, 200) for pair in itertools.combinations(range(start, start + 150), 2)})
    found = average_linkage(np.arange(350), *places(pairs), evidence_of([20.0] * len(pairs)))
    assert set(found.labels.tolist()) == {0}
    most = average_linkage(
        np.arange(350), *places(pairs), evidence_of([20.0] * len(pairs)), limits=limited(max_records=50)
    )
    assert np.bincount(most.labels).max() == 50
    assert most.is_full.all()


def test_must_links_join_transitively_under_the_smallest_record() -> None:
    assert must_link_groups(6, must([(4, 1), (2, 4)])).tolist() == [0, 1, 1, 3, 1, 5]
    assert must_link_groups(3, must([])).tolist() == [0, 1, 2]
    assert must_link_groups(0, must([])).tolist() == []


@st.composite
def limits_of(draw: st.DrawFn, n: int) -> Limits:
    """Cannot-links, feeds that hold a person once, and a largest number of records, each of which may be absent."""
    possible = list(itertools.combinations(range(n), 2))
    apart = draw(st.lists(st.sampled_from(possible), unique=True, max_size=4))
    exclusive = draw(st.none() | st.lists(st.sampled_from([0, 0, 1, 2, 3]), min_size=n, max_size=n))
    return limited(apart, exclusive, draw(st.sampled_from([0, 0, 2, 3, 4])))


@given(graphs(), st.data())
@settings(max_examples=400)
def test_within_limits_rounds_equal_one_merge_at_a_time(graph: tuple[int, Pairs], data: st.DataObject) -> None:
    """Also with cannot-links, exclusive feeds and a limit of size; and none of them is ever broken."""
    n, pairs = graph
    limits = data.draw(limits_of(n))
    result = cluster(list(range(n)), pairs, limits=limits)
    assert result == reference(list(range(n)), pairs, 0.0, -4.0, limits)
    assert all(result[a] != result[b] for a, b in zip(limits.left, limits.right, strict=True))
    if limits.exclusive is not None:
        for a, b in itertools.combinations(range(n), 2):
            assert result[a] != result[b] or not limits.exclusive[a] & limits.exclusive[b]
    assert not limits.max_records or max(result.count(label) for label in result) <= limits.max_records


@given(graphs(), st.data())
@settings(max_examples=200)
def test_within_limits_the_names_of_records_do_not_matter(graph: tuple[int, Pairs], data: st.DataObject) -> None:
    """The same records under other keys fall into the same clusters, must-links and limits included."""
    n, pairs = graph
    limits = data.draw(limits_of(n))
    possible = list(itertools.combinations(range(n), 2))
    links = data.draw(st.lists(st.sampled_from(possible), unique=True, max_size=4))
    strength = [float(value) for value in data.draw(st.permutations(range(len(links))))]
    manual = data.draw(st.lists(st.booleans(), min_size=len(links), max_size=len(links)))
    disagree = data.draw(st.lists(st.sampled_from(possible), unique=True, max_size=3))
    new = data.draw(st.permutations(range(n)))

    def clusters(name: list[int]) -> set[frozenset[int]]:
        """Clusters of the records by their first names, of a run in which they have the given ones."""

        def renamed(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
            return [(name[a], name[b]) for a, b in found]

        bits = None
        if limits.exclusive is not None:
            bits = [0] * n
            for record, value in enumerate(limits.exclusive.tolist()):
                bits[name[record]] = value
        kept = limited(
            renamed(list(zip(limits.left.tolist(), limits.right.tolist(), strict=True))), bits, limits.max_records
        )
        start = must_link_groups(n, must(renamed(links), strength, manual, renamed(disagree)), kept)
        moved = {(min(name[a], name[b]), max(name[a], name[b])): weight for (a, b), weight in pairs.items()}
        result = cluster([int(label) for label in start], moved, limits=kept)
        return {frozenset(r for r in range(n) if result[name[r]] == label) for label in result}

    assert clusters(list(range(n))) == clusters(list(new))


@given(graphs(), st.data())
@settings(max_examples=200)
def test_must_links_hold_unless_something_keeps_their_groups_apart(
    graph: tuple[int, Pairs], data: st.DataObject
) -> None:
    """No group of must-links breaks a limit, and each link that was left out would have broken one."""
    n, _ = graph
    limits = data.draw(limits_of(n))
    possible = list(itertools.combinations(range(n), 2))
    links = data.draw(st.lists(st.sampled_from(possible), unique=True, max_size=6))
    strength = [float(value) for value in data.draw(st.permutations(range(len(links))))]
    manual = data.draw(st.lists(st.booleans(), min_size=len(links), max_size=len(links)))
    disagree = data.draw(st.lists(st.sampled_from(possible), unique=True, max_size=3))
    groups = must_link_groups(n, must(links, strength, manual, disagree), limits).tolist()
    absolute = list(zip(limits.left.tolist(), limits.right.tolist(), strict=True))
    assert all(groups[a] != groups[b] for a, b in absolute)
    assert not limits.max_records or max(groups.count(label) for label in groups) <= limits.max_records
    bits = [0] * n if limits.exclusive is None else limits.exclusive.tolist()
    for (a, b), by_people in zip(links, manual, strict=True):
        left = [record for record in range(n) if groups[record] == groups[a]]
        right = [record for record in range(n) if groups[record] == groups[b]]
        crossing = {(min(i, j), max(i, j)) for i in left for j in right}
        kept_apart = bool(crossing & set(absolute)) or 0 < limits.max_records < len(left) + len(right)
        if not by_people:
            kept_apart |= bool(crossing & set(disagree)) or any(bits[i] & bits[j] for i in left for j in right)
        assert groups[a] == groups[b] or kept_apart


def test_a_chain_whose_ends_must_stay_apart_is_cut_at_its_weaker_link() -> None:
    apart = limited([(0, 2)])
    assert cluster([0, 1, 2], {(0, 1): 8.0, (1, 2): 9.0, (0, 2): 9.5}, limits=apart) == [0, 1, 1]
    assert must_link_groups(3, must([(0, 1), (1, 2)], [8.0, 9.0]), apart).tolist() == [0, 1, 1]
    assert must_link_groups(3, must([(0, 1), (1, 2)], [9.0, 8.0]), apart).tolist() == [0, 0, 2]


def test_a_cannot_link_beats_must_links_and_any_evidence() -> None:
    apart = limited([(1, 0)])
    assert must_link_groups(2, must([(0, 1)], [1e6], [True]), apart).tolist() == [0, 1]
    assert cluster([0, 1], {(0, 1): 1e6}, limits=apart) == [0, 1]


def test_a_cannot_link_between_records_that_were_never_compared_holds_for_their_clusters() -> None:
    """0 and 1 must stay apart; nothing was compared between them, but 2 matches both."""
    pairs = {(0, 2): 9.0, (1, 2): 8.9}
    assert cluster([0, 1, 2], pairs) == [0, 0, 0]
    assert cluster([0, 1, 2], pairs, limits=limited([(0, 1)])) == [0, 1, 0]


def test_a_manual_must_link_beats_a_disagreement_and_an_exclusive_feed() -> None:
    exclusive = limited(exclusive=[1, 1])
    assert must_link_groups(2, must([(0, 1)], manual=[True], disagree=[(0, 1)]), exclusive).tolist() == [0, 0]
    assert must_link_groups(2, must([(0, 1)], manual=[False]), exclusive).tolist() == [0, 1]
    assert must_link_groups(2, must([(0, 1)], manual=[False], disagree=[(0, 1)])).tolist() == [0, 1]


def test_two_people_who_share_an_identifier_are_told_apart_by_their_records() -> None:
    """0 and 2 are one person, 1 and 3 another, 4 says nothing of itself and goes where its tie is settled: to the first."""
    links = must(
        [(0, 2), (1, 3), (0, 4), (1, 4), (2, 4), (3, 4)],
        [9.0, 8.0, 0.0, 0.0, 0.0, 0.0],
        disagree=[(0, 1), (2, 3), (0, 3)],
    )
    assert must_link_groups(5, links).tolist() == [0, 1, 0, 1, 0]


def test_a_full_cluster_is_reported() -> None:
    pairs = {(0, 1): 9.0, (1, 2): 8.0, (0, 2): 8.0, (3, 4): 5.0}
    left, right = places(list(pairs))
    result = average_linkage(
        np.arange(5), left, right, evidence_of(list(pairs.values())), limits=limited(max_records=2)
    )
    assert result.labels.tolist() == [0, 0, 2, 3, 3]
    assert result.is_full.tolist() == [True, True, True, False, False]


def test_a_pair_that_must_stay_apart_does_not_hide_the_next_best() -> None:
    """1 is nearest to 0, which it may not join; 2 is the nearest that it may."""
    pairs = {(0, 1): 9.0, (1, 2): 5.0, (0, 2): -9.0}
    assert cluster([0, 1, 2], pairs, limits=limited([(0, 1)])) == [0, 1, 1]


def test_a_great_number_of_disputed_links_takes_no_quadratic_time() -> None:
    """A chain of 60,000 must-links whose neighbours-but-one disagree: pairs remain."""
    n = 60_000
    chain = [(i, i + 1) for i in range(n - 1)]
    groups = must_link_groups(n, must(chain, disagree=[(i, i + 2) for i in range(n - 2)]))
    assert np.unique(groups, return_counts=True)[1].max() == 2


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


def people(*keys: int) -> IntArray:
    return np.array(keys, dtype=np.int64)


def table_of(records: Any, pairs: Any, links: Any = None, apart: Any = None, exclusive: Any = None, **more: Any) -> Any:
    nothing: dict[str, list[Any]] = {"left_key": [], "right_key": []}
    return cluster_table(
        records,
        arrays(**pairs),
        arrays(**(links or {**nothing, "strength": [], "is_manual": []})),
        arrays(**(apart or {**nothing, "is_absolute": []})),
        arrays(**(exclusive or {"record_key": [], "feed_number": []})),
        WEIGHTS,
        LEVELS,
        0.0,
        -4.0,
        **more,
    ).to_pydict()


def test_the_table_of_clusters_has_every_record_in_the_order_given() -> None:
    """0 and 2 agree, 1 and 2 disagree; 1 and 3 share a strong identifier."""
    result = table_of(
        people(0, 1, 2, 3),
        {"left_key": [0, 1], "right_key": [2, 2], "pattern": [2, 1]},
        {"left_key": [1], "right_key": [3], "strength": [0], "is_manual": [False]},
    )
    assert result == {
        "record_key": [0, 1, 2, 3],
        "cluster_key": [0, 1, 0, 1],
        "is_full": [False] * 4,
    }


def test_keys_may_have_gaps_and_pairs_of_unknown_records_are_left_out() -> None:
    """The same under keys with gaps; record 8 is gone, but a pair, a link and a cannot-link still name it."""
    result = table_of(
        people(3, 7, 20, 21),
        {"left_key": [3, 7, 8], "right_key": [20, 20, 20], "pattern": [2, 1, 2]},
        {"left_key": [7, 8], "right_key": [21, 7], "strength": [0, 9], "is_manual": [False, True]},
        {"left_key": [3], "right_key": [8], "is_absolute": [True]},
    )
    assert result["cluster_key"] == [3, 7, 3, 7]


def test_a_cluster_is_named_by_its_first_record_in_the_order_given() -> None:
    """The order breaks ties, not the keys: a record that came late may have a high key and stand first."""
    pairs = {"left_key": [3, 7], "right_key": [20, 21], "pattern": [2, 2]}
    result = table_of(people(21, 20, 3, 7), pairs)
    assert result["record_key"] == [21, 20, 3, 7]
    assert result["cluster_key"] == [21, 20, 20, 21]


def test_cannot_links_exclusive_feeds_and_the_limit_reach_the_clusters() -> None:
    pairs = {"left_key": [1], "right_key": [5], "pattern": [2]}
    link = {"left_key": [1], "right_key": [5], "strength": [0], "is_manual": [False]}
    apart = {"left_key": [5], "right_key": [1], "is_absolute": [True]}
    assert table_of(people(1, 5), pairs)["cluster_key"] == [1, 1]
    assert table_of(people(1, 5), pairs, link, apart)["cluster_key"] == [1, 5]
    doubted = table_of(people(1, 5), pairs, link, apart | {"is_absolute": [False]})
    assert doubted["cluster_key"] == [1, 1], "a disagreement only takes the must-link away, the evidence still counts"
    assert table_of(people(1, 5), pairs | {"pattern": [1]}, link)["cluster_key"] == [1, 1]
    refuted = table_of(people(1, 5), pairs | {"pattern": [1]}, link, apart | {"is_absolute": [False]})
    assert refuted["cluster_key"] == [1, 5]
    feeds = {"record_key": [1, 5, 5], "feed_number": [0, 1, 62]}
    assert table_of(people(1, 5), pairs, link, exclusive=feeds)["cluster_key"] == [1, 1]
    feeds["feed_number"] = [62, 1, 62]
    assert table_of(people(1, 5), pairs, link, exclusive=feeds)["cluster_key"] == [1, 5]
    one = table_of(people(1, 5), pairs, link, max_records=1)
    assert (one["cluster_key"], one["is_full"]) == ([1, 5], [True, True])


def test_without_records_there_are_no_clusters() -> None:
    result = table_of(people(), {"left_key": [1], "right_key": [2], "pattern": [2]})
    assert result == {"record_key": [], "cluster_key": [], "is_full": []}


def test_components_join_matches_and_strong_links_and_leave_out_the_rest() -> None:
    result = component_table(arrays(left_key=[2, 7, 5], right_key=[5, 9, 7]))
    assert result.to_pydict() == {"record_key": [2, 5, 7, 9], "component_key": [2, 2, 2, 2]}
    assert component_table(arrays(left_key=[], right_key=[])).num_rows == 0
