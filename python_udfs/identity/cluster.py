"""Average-linkage clustering of records on sparse pair weights, by rounds of vectorized merges."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from python_udfs.identity.evidence import Evidence, pair_evidence

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def must_link_groups(record_count: int, left: IntArray, right: IntArray) -> IntArray:
    """Merge records joined by must-links.

    Returns:
        For every record, shape (record_count,), the smallest record of its group.
    """
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(record_count, record_count))
    _, component = connected_components(graph, directed=False)
    first = np.full(component.max(initial=-1) + 1, record_count, dtype=np.int64)
    np.minimum.at(first, component, np.arange(record_count))
    return np.asarray(first[component])


def average_linkage(
    labels: IntArray,
    left: IntArray,
    right: IntArray,
    evidence: Evidence,
    threshold: float = 0.0,
    unseen_weight: float = -4.0,
    max_rounds: int = 200,
) -> IntArray:
    """Merge clusters while the weight of all their cross pairs together reaches the threshold.

    The weight of two clusters is that of the summed evidence of their cross pairs, averaged with `unseen_weight` for the pairs that
    were never compared. In each round all pairs of clusters that are each other's nearest neighbour merge at once, which for a
    plain average of the pairs is the same as merging one pair at a time (Bruynooghe 1977). Ties are broken by the smaller label and sums
    are taken in the order of the labels, so that the order of the input does not matter.

    Args:
        labels: the starting cluster of every record, shape (n,), each label being a record of that cluster.
        left, right: compared pairs of records, shape (p,).
        evidence: evidence of each pair, p rows; see Evidence for how that of several pairs is combined.
        threshold: least weight of a merge, in bits.
        unseen_weight: weight of a pair that was not compared, in bits; below the threshold.
        max_rounds: stops a run that does not converge; raises RuntimeError.

    Returns:
        The cluster of every record, shape (n,); a label is the smallest record of its cluster if it was so at the start.
    """
    n = len(labels)
    labels = labels.astype(np.int64, copy=True)
    size = np.bincount(labels, minlength=n).astype(np.float64)
    order = np.lexsort((np.maximum(left, right), np.minimum(left, right)))
    a, b, total, seen = _combine(
        labels[left[order]], labels[right[order]], evidence.values[order], np.ones(len(left)), n, evidence.summed
    )
    weight = evidence.weigh(total)
    for _ in range(max_rounds):
        pairs = size[a] * size[b]
        mean = (weight * seen + (pairs - seen) * unseen_weight) / pairs
        close = mean >= threshold
        if not close.any():
            return labels
        nearest = _nearest(a[close], b[close], mean[close], n)
        mutual = (nearest[a[close]] == b[close]) & (nearest[b[close]] == a[close])
        keep, gone = a[close][mutual], b[close][mutual]
        merged = np.arange(n)
        merged[gone] = keep
        size[keep] += size[gone]
        labels = merged[labels]
        touched = np.zeros(n, dtype=bool)
        touched[keep] = True
        touched[gone] = True
        moved = touched[a] | touched[b]
        a2, b2, total2, seen2 = _combine(
            merged[a[moved]], merged[b[moved]], total[moved], seen[moved], n, evidence.summed
        )
        stay = ~moved
        a, b, seen = np.concatenate([a[stay], a2]), np.concatenate([b[stay], b2]), np.concatenate([seen[stay], seen2])
        weight = np.concatenate([weight[stay], evidence.weigh(total2)])
        total = np.concatenate([total[stay], total2])
    raise RuntimeError(f"average linkage did not converge in {max_rounds} rounds; raise max_rounds")


def _combine(
    left: IntArray, right: IntArray, total: npt.NDArray[np.float32], seen: FloatArray, n: int, summed: int
) -> tuple[IntArray, IntArray, npt.NDArray[np.float32], FloatArray]:
    """Combine evidence and counts per unordered pair of clusters: sums of the first columns, maxima of the rest."""
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
    apart = np.flatnonzero(low != high)
    key = low[apart] * n + high[apart]
    order = np.argsort(key, kind="stable")
    key = key[order]
    if not len(key):
        return key, key, total[:0], seen[:0]
    start = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    rows = apart[order]
    combined = np.empty((len(start), total.shape[1]), dtype=np.float32)
    combined[:, :summed] = np.add.reduceat(total[rows, :summed], start, axis=0)
    if summed < total.shape[1]:
        combined[:, summed:] = np.maximum.reduceat(total[rows, summed:], start, axis=0)
    return key[start] // n, key[start] % n, combined, np.add.reduceat(seen[rows], start)


def _nearest(a: IntArray, b: IntArray, mean: FloatArray, n: int) -> IntArray:
    """The nearest neighbour of every cluster, -1 for none; among equals the smaller label."""
    node = np.concatenate([a, b])
    other = np.concatenate([b, a])
    # Rounded so that sums added up in another order still tie.
    score = np.round(np.concatenate([mean, mean]), 9)
    order = np.lexsort((other, -score, node))
    node, other = node[order], other[order]
    first = np.concatenate([[True], node[1:] != node[:-1]])
    nearest = np.full(n, -1, dtype=np.int64)
    nearest[node[first]] = other[first]
    return nearest


def component_table(pairs: dict[str, npt.NDArray[np.generic]], links: dict[str, npt.NDArray[np.generic]]) -> pa.Table:
    """Connected components of matches and must-links.

    Args:
        pairs: arrays left_key, right_key of the matches.
        links: arrays left_key, right_key of the must-links.

    Returns:
        Table record_key, component_key (smallest record of the component), for the records that occur in either.
    """
    left = np.concatenate([pairs["left_key"], links["left_key"]]).astype(np.int64)
    right = np.concatenate([pairs["right_key"], links["right_key"]]).astype(np.int64)
    records, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    groups = must_link_groups(len(records), inverse[: len(left)], inverse[len(left) :])
    return pa.table(
        {
            "record_key": pa.array(records.astype(np.int32)),
            "component_key": pa.array(records[groups].astype(np.int32) if len(records) else records.astype(np.int32)),
        }
    )


def cluster_table(
    records: Any,
    pairs: dict[str, npt.NDArray[np.generic]],
    links: dict[str, npt.NDArray[np.generic]],
    weights: pd.DataFrame,
    levels: pd.DataFrame,
    threshold: float,
    unseen_weight: float,
) -> pa.Table:
    """Cluster all records.

    Args:
        records: relation with record_key (dense, from 0) and record_id.
        pairs: arrays left_key, right_key, pattern and frequency bits of the compared pairs.
        links: arrays left_key, right_key of must-links.
        weights: the table of identity_match_weights.
        levels: the table of identity_comparison_levels.
        threshold: least weight of a merge, in bits.
        unseen_weight: weight of a pair that was not compared, in bits.

    Returns:
        Table record_id, record_key, cluster_key.
    """
    table = records.order("record_key").to_arrow_table()
    start = must_link_groups(
        table.num_rows, np.asarray(links["left_key"], dtype=np.int64), np.asarray(links["right_key"], dtype=np.int64)
    )
    labels = average_linkage(
        start,
        np.asarray(pairs["left_key"], dtype=np.int64),
        np.asarray(pairs["right_key"], dtype=np.int64),
        pair_evidence(pairs, weights, levels),
        threshold,
        unseen_weight,
    )
    return pa.table(
        {
            "record_id": table["record_id"],
            "record_key": table["record_key"].cast(pa.int32()),
            "cluster_key": pa.array(labels.astype(np.int32)),
        }
    )
