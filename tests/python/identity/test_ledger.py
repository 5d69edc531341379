"""Which ids contested clusters keep or get."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.identity.ledger import CustomerIdError, choose_ids, greedy_pairs

Overlap = tuple[int, str, int, int]
Candidate = tuple[int, int, str, int, bool]


def table(rows: list[tuple], names: dict[str, pa.DataType]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in names]
    return pa.table({name: pa.array(column, type=names[name]) for name, column in zip(names, columns, strict=True)})


def choose(overlaps: list[Overlap], candidates: list[Candidate]) -> dict[int, str]:
    """Run on rows (cluster, id, records, version) and (cluster, number, id, founder rank, is free)."""
    chosen = choose_ids(
        table(
            overlaps,
            {
                "cluster_key": pa.int32(),
                "customer_id": pa.string(),
                "record_count": pa.int64(),
                "since_version": pa.int64(),
            },
        ),
        table(
            candidates,
            {
                "cluster_key": pa.int32(),
                "candidate_number": pa.int64(),
                "customer_id": pa.string(),
                "founder_rank": pa.int64(),
                "is_free": pa.bool_(),
            },
        ),
    )
    assert chosen.column_names == ["cluster_key", "customer_id"]
    keys = chosen["cluster_key"].to_pylist()
    assert keys == sorted(keys)
    return dict(zip(keys, chosen["customer_id"].to_pylist(), strict=True))


def own(*clusters: int) -> list[Candidate]:
    """A free candidate of its own for every cluster, founded in this order."""
    return [(cluster, 1, f"new{cluster}", rank, True) for rank, cluster in enumerate(clusters)]


def test_nothing_contested_chooses_nothing() -> None:
    assert choose([], []) == {}


def test_largest_overlap_keeps_the_id() -> None:
    assert choose([(1, "x", 2, 1), (2, "x", 3, 1)], own(1, 2)) == {1: "new1", 2: "x"}


def test_a_cluster_keeps_the_id_of_most_of_its_records() -> None:
    assert choose([(1, "young", 3, 9), (1, "old", 2, 1)], own(1)) == {1: "young"}


def test_tie_goes_to_the_oldest_id() -> None:
    assert choose([(1, "a", 2, 5), (1, "b", 2, 4)], own(1)) == {1: "b"}


def test_ids_of_one_age_tie_by_their_text() -> None:
    assert choose([(1, "b", 2, 4), (1, "a", 2, 4)], own(1)) == {1: "a"}


def test_between_equal_parts_the_one_the_id_is_derived_from_keeps_it() -> None:
    candidates = [(1, 1, "y", 0, True), (2, 1, "x", 1, False)]
    assert choose([(1, "x", 2, 1), (2, "x", 2, 1)], candidates) == {1: "y", 2: "x"}


def test_between_equal_parts_the_one_founded_first_keeps_the_id() -> None:
    assert choose([(1, "x", 2, 1), (2, "x", 2, 1)], own(2, 1)) == {1: "new1", 2: "x"}


def test_an_id_that_loses_one_cluster_may_keep_another() -> None:
    # x has most records in cluster 1, which goes to y; then cluster 2 is free for x.
    assert choose([(1, "y", 5, 1), (1, "x", 4, 1), (2, "x", 1, 1)], own(1, 2)) == {1: "y", 2: "x"}


def test_collision_takes_the_next_number() -> None:
    candidates = [(1, 1, "x", 0, False), (2, 1, "x", 1, False), (2, 2, "x#2", 1, True)]
    assert choose([(1, "x", 2, 1), (2, "x", 1, 1)], candidates) == {1: "x", 2: "x#2"}


def test_a_free_id_that_a_cluster_keeps_is_not_given_twice() -> None:
    # z is retired and so free, but the records of cluster 1 that are back had it.
    candidates = [(1, 1, "w", 0, True), (2, 1, "z", 1, True), (2, 2, "z#2", 1, True)]
    assert choose([(1, "z", 1, 1)], candidates) == {1: "z", 2: "z#2"}


def test_one_candidate_of_two_clusters_goes_to_the_one_founded_first() -> None:
    candidates = [(1, 1, "h", 1, True), (1, 2, "h#2", 1, True), (2, 1, "h", 0, True), (2, 2, "k#2", 0, True)]
    assert choose([], candidates) == {1: "h#2", 2: "h"}


def test_no_free_candidate_is_an_error_that_names_them() -> None:
    with pytest.raises(CustomerIdError, match=r"cluster_key 7 could get is in use: p, q"):
        choose([], [(7, 1, "p", 0, False), (7, 2, "q", 0, False)])


def test_an_overlap_without_candidates_is_an_error() -> None:
    with pytest.raises(CustomerIdError, match=r"no row for cluster_key 3"):
        choose([(3, "x", 1, 1)], own(1))


@dataclass(frozen=True)
class Case:
    """Earlier ids and present clusters of some records, as the models would hand them over."""

    overlaps: list[Overlap]
    candidates: list[Candidate]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(1, 30))
    clusters = draw(st.lists(st.integers(0, 8), min_size=count, max_size=count))
    ids = draw(st.lists(st.one_of(st.none(), st.integers(0, 8)), min_size=count, max_size=count))
    ages = draw(st.lists(st.integers(1, 3), min_size=9, max_size=9))
    pairs = Counter((c, i) for c, i in zip(clusters, ids, strict=True) if i is not None)
    overlaps = [(c, f"id{i}", records, ages[i]) for (c, i), records in pairs.items()]
    ranks = dict(zip(sorted(set(clusters)), draw(st.permutations(range(len(set(clusters))))), strict=True))
    # The first candidate may be any id, free or not; the last is always free and nobody else's.
    candidates = []
    for cluster, rank in ranks.items():
        candidates.append((cluster, 1, f"id{draw(st.integers(0, 12))}", rank, draw(st.booleans())))
        candidates.append((cluster, 2, f"new{cluster}", rank, True))
    return Case(overlaps, candidates)


def one_by_one(case: Case) -> dict[int, str]:
    """The rule as it is written: pair after pair, then candidate after candidate."""
    rank = {cluster: rank for cluster, _, _, rank, _ in case.candidates}
    first = {cluster: text for cluster, number, text, _, _ in case.candidates if number == 1}
    given: dict[int, str] = {}
    order = sorted(case.overlaps, key=lambda o: (-o[2], o[3], o[1], first[o[0]] != o[1], rank[o[0]]))
    for cluster, text, _, _ in order:
        if cluster not in given and text not in given.values():
            given[cluster] = text
    for cluster, _, text, _, is_free in sorted(case.candidates, key=lambda c: (c[1], c[3])):
        if is_free and cluster not in given and text not in given.values():
            given[cluster] = text
    return given


@given(cases())
def test_choosing_at_once_is_choosing_one_by_one(case: Case) -> None:
    assert choose(case.overlaps, case.candidates) == one_by_one(case)


@given(cases())
def test_each_cluster_has_one_id_and_each_id_one_cluster(case: Case) -> None:
    chosen = choose(case.overlaps, case.candidates)
    assert set(chosen) == {cluster for cluster, *_ in case.candidates}
    assert len(set(chosen.values())) == len(chosen)


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case: Case, random) -> None:
    overlaps, candidates = list(case.overlaps), list(case.candidates)
    random.shuffle(overlaps)
    random.shuffle(candidates)
    assert choose(overlaps, candidates) == choose(case.overlaps, case.candidates)


@given(cases())
def test_an_unchanged_cluster_always_keeps_its_id(case: Case) -> None:
    # Another customer, whose records are all of one cluster, which has no other record of a known customer.
    untouched = (99, "same", 1, 3)
    chosen = choose([*case.overlaps, untouched], [*case.candidates, (99, 1, "id0", 99, True)])
    assert chosen[99] == "same"


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=40))
def test_greedy_pairs_leave_no_pair_that_could_be_added(pairs: list[tuple[int, int]]) -> None:
    left = np.array([a for a, _ in pairs], dtype=np.int64)
    right = np.array([b for _, b in pairs], dtype=np.int64)
    chosen = greedy_pairs(left, right)
    assert len(set(left[chosen])) == len(left[chosen])
    assert len(set(right[chosen])) == len(right[chosen])
    assert all(a in left[chosen] or b in right[chosen] for a, b in pairs)
