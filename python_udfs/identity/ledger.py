"""Which customer ids clusters keep or get, where that is contested: clusters with records of several ids, ids in several clusters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
TextArray = npt.NDArray[np.str_]


class CustomerIdError(ValueError):
    """A cluster that no id can be given to; the message says which and why."""


def greedy_pairs(left: IntArray, right: IntArray) -> BoolArray:
    """Choose pairs from the first to the last, each of which must have an end that no pair chosen before has.

    All pairs that are the first of the remaining ones at both their ends are chosen at once, which is the same as one after the
    other, because nothing before them can take an end away.

    Args:
        left, right: ends of the pairs in the order of preference, small integers from 0, shape (p,).

    Returns:
        Which pairs are chosen, shape (p,): each left end and each right end at most once.
    """
    chosen = np.zeros(len(left), dtype=np.bool_)
    left_taken = np.zeros(left.max(initial=-1) + 1, dtype=np.bool_)
    right_taken = np.zeros(right.max(initial=-1) + 1, dtype=np.bool_)
    remaining = np.arange(len(left))
    while len(remaining):
        first_of_left = np.full(len(left_taken), len(left))
        first_of_right = np.full(len(right_taken), len(left))
        np.minimum.at(first_of_left, left[remaining], remaining)
        np.minimum.at(first_of_right, right[remaining], remaining)
        now = remaining[(first_of_left[left[remaining]] == remaining) & (first_of_right[right[remaining]] == remaining)]
        chosen[now] = True
        left_taken[left[now]] = True
        right_taken[right[now]] = True
        remaining = remaining[~(left_taken[left[remaining]] | right_taken[right[remaining]])]
    return chosen


def choose_ids(overlaps: pa.Table, candidates: pa.Table) -> pa.Table:
    """Give each undecided cluster its customer id.

    An id stays with the cluster that has most of its records and a cluster keeps the id that most of its records had: pairs of
    cluster and earlier id are taken in the order of their records (most first), then of the age of the id (oldest first), then of its
    text; between clusters that are equal in all of it, the cluster that the id is derived from comes first, then the one founded first.
    Each id and each cluster is taken once. A cluster that keeps none gets its first candidate that is free.

    Args:
        overlaps: cluster_key, customer_id, record_count, since_version (the run that first gave the id); one row per pair.
        candidates: cluster_key, candidate_number (from 1), customer_id, is_free, founder_rank (order of the clusters by their
            founders); several rows for every undecided cluster, also for those that keep an id.

    Returns:
        Table cluster_key, customer_id, one row per cluster of `candidates`, ordered by cluster_key.

    Raises:
        CustomerIdError: none of a cluster's candidates is free, or an overlap is of a cluster without candidates.
    """
    clusters, candidate_cluster = np.unique(_integers(candidates, "cluster_key"), return_inverse=True)
    overlap_key = _integers(overlaps, "cluster_key")
    unknown = np.setdiff1d(overlap_key, clusters)
    if len(unknown):
        raise CustomerIdError(f"identity_id_candidates has no row for cluster_key {unknown[0]} of identity_id_overlaps")
    overlap_cluster = np.searchsorted(clusters, overlap_key)

    # Codes of ids follow their text.
    ids, codes = np.unique(
        np.concatenate([_texts(overlaps, "customer_id"), _texts(candidates, "customer_id")]), return_inverse=True
    )
    overlap_id, candidate_id = codes[: overlaps.num_rows], codes[overlaps.num_rows :]
    number, rank = _integers(candidates, "candidate_number"), _integers(candidates, "founder_rank")
    founder_rank = np.zeros(len(clusters), dtype=np.int64)
    founder_rank[candidate_cluster] = rank
    own_id = np.full(len(clusters), -1, dtype=np.int64)
    own_id[candidate_cluster[number == 1]] = candidate_id[number == 1]

    order = np.lexsort(
        (
            founder_rank[overlap_cluster],
            own_id[overlap_cluster] != overlap_id,
            overlap_id,
            _integers(overlaps, "since_version"),
            -_integers(overlaps, "record_count"),
        )
    )
    kept = order[greedy_pairs(overlap_cluster[order], overlap_id[order])]
    given = np.full(len(clusters), -1, dtype=np.int64)
    given[overlap_cluster[kept]] = overlap_id[kept]

    is_free = np.asarray(candidates["is_free"].to_numpy(zero_copy_only=False), dtype=np.bool_)
    is_free &= (given[candidate_cluster] < 0) & ~np.isin(candidate_id, given)
    free = np.flatnonzero(is_free)
    free = free[np.lexsort((rank[free], number[free]))]
    new = free[greedy_pairs(candidate_cluster[free], candidate_id[free])]
    given[candidate_cluster[new]] = candidate_id[new]

    if (given < 0).any():
        cluster = clusters[given < 0][0]
        tried = ", ".join(ids[candidate_id[candidate_cluster == np.searchsorted(clusters, cluster)]])
        raise CustomerIdError(f"every id that cluster_key {cluster} could get is in use: {tried}")
    return pa.table(
        {
            "cluster_key": pa.array(clusters, type=pa.int64()),
            "customer_id": pa.array(ids[given].tolist(), type=pa.string()),
        }
    )


def _integers(table: pa.Table, column: str) -> IntArray:
    """A column without nulls as int64, shape (rows,)."""
    return np.asarray(table[column].to_numpy(zero_copy_only=False), dtype=np.int64)


def _texts(table: pa.Table, column: str) -> TextArray:
    """A column without nulls as text, shape (rows,)."""
    return np.asarray(table[column].to_pylist(), dtype=np.str_)
