"""Average-linkage clustering of records on sparse pair weights, by rounds of vectorized merges."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

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
    weight: FloatArray,
    threshold: float = 0.0,
    unseen_weight: float = -4.0,
    max_rounds: int = 200,
) -> IntArray:
    """Merge clusters while the mean weight over all their cross pairs reaches the threshold.

    The mean is over all cross pairs; a pair that was never scored counts as `unseen_weight`. In each round all pairs of clusters that
    are each other's nearest neighbour merge at once: average linkage is reducible (Bruynooghe 1977), so the result is that of merging
    one pair at a time. Ties are broken by the smaller label, so that the order of the input does not matter.

    Args:
        labels: the starting cluster of every record, shape (n,), each label being a record of that cluster.
        left, right: scored pairs of records, shape (p,).
        weight: match weight of each pair in bits, shape (p,).
        threshold: least mean weight of a merge, in bits.
        unseen_weight: weight of a pair that was not scored, in bits; below the threshold.
        max_rounds: stops a run that does not converge; raises RuntimeError.

    Returns:
        The cluster of every record, shape (n,); a label is the smallest record of its cluster if it was so at the start.
    """
    n = len(labels)
    labels = labels.astype(np.int64, copy=True)
    size = np.bincount(labels, minlength=n).astype(np.float64)
    a, b, total, count = _combine(labels[left], labels[right], weight.astype(np.float64), np.ones(len(weight)), n)
    for _ in range(max_rounds):
        pairs = size[a] * size[b]
        mean = (total + (pairs - count) * unseen_weight) / pairs
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
        new = _combine(merged[a[moved]], merged[b[moved]], total[moved], count[moved], n)
        a, b, total, count = (np.concatenate([old[~moved], fresh]) for old, fresh in zip((a, b, total, count), new, strict=True))
    raise RuntimeError(f"average linkage did not converge in {max_rounds} rounds; raise max_rounds")


def _combine(
    left: IntArray, right: IntArray, total: FloatArray, count: FloatArray, n: int
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Sum weights and counts per unordered pair of clusters; pairs inside one cluster drop out."""
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
    apart = low != high
    key, inverse = np.unique(low[apart] * n + high[apart], return_inverse=True)
    sums = np.bincount(inverse, total[apart], len(key))
    counts = np.bincount(inverse, count[apart], len(key))
    return key // n, key % n, sums, counts


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


def cluster_table(
    records: Any,
    pairs: dict[str, npt.NDArray[np.generic]],
    links: dict[str, npt.NDArray[np.generic]],
    threshold: float,
    unseen_weight: float,
) -> pa.Table:
    """Cluster all records.

    Args:
        records: relation with record_key (dense, from 0) and record_id.
        pairs: arrays left_key, right_key, match_weight.
        links: arrays left_key, right_key of must-links.
        threshold: least mean weight of a merge, in bits.
        unseen_weight: weight of a pair that was not scored, in bits.

    Returns:
        Table record_id, record_key, cluster_key.
    """
    table = records.order("record_key").to_arrow_table()
    n = table.num_rows
    labels = must_link_groups(n, np.asarray(links["left_key"], dtype=np.int64), np.asarray(links["right_key"], dtype=np.int64))
    left = np.asarray(pairs["left_key"], dtype=np.int64)
    right = np.asarray(pairs["right_key"], dtype=np.int64)
    order = np.lexsort((right, left))
    labels = average_linkage(
        labels, left[order], right[order], np.asarray(pairs["match_weight"], dtype=np.float64)[order], threshold, unseen_weight
    )
    return pa.table(
        {
            "record_id": table["record_id"],
            "record_key": table["record_key"].cast(pa.int32()),
            "cluster_key": pa.array(labels.astype(np.int32)),
        }
    )
