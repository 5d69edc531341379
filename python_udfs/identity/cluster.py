"""Average-linkage clustering of records on sparse pair weights, by rounds of vectorized merges, within limits.

What keeps records apart is stronger than what links them. In this order:

1. An absolute cannot-link (a manual decision) holds always, and so does the largest number of records of a cluster.
2. A manual must-link holds against everything else; of two that contradict a cannot-link together, the later decision.
3. Records that their own source keeps apart do not share a cluster.
4. A must-link of a strong identifier holds unless both records plainly disagree as persons.
5. Everything else is up to the evidence of the pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from python_udfs.identity.evidence import Evidence, pair_evidence

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

NO_PAIRS: IntArray = np.zeros(0, dtype=np.int64)


@dataclass
class Limits:
    """What keeps clusters apart, whatever the evidence.

    All of it is monotone: clusters that may not merge still may not when they have grown. So merging all mutual nearest neighbours
    among the allowed pairs at once gives the same as merging the nearest allowed pair one at a time.
    """

    left: IntArray = field(default_factory=lambda: NO_PAIRS)
    right: IntArray = field(default_factory=lambda: NO_PAIRS)
    """Pairs of records that never share a cluster, shape (c,)."""
    exclusive: IntArray | None = None
    """Bits of the feeds that hold a person once, shape (n,); clusters with a common bit never merge. None: no such feed."""
    max_records: int = 0
    """The largest number of records of a cluster; 0 for no limit."""


class _Apart:
    """The limits between the clusters of a run, carried along its merges."""

    def __init__(self, limits: Limits, labels: IntArray) -> None:
        self._n = len(labels)
        self._max_records = limits.max_records
        self._keys = self._keys_of(labels[limits.left], labels[limits.right])
        self._bits = None
        if limits.exclusive is not None:
            self._bits = np.zeros(self._n, dtype=np.int64)
            np.bitwise_or.at(self._bits, labels, limits.exclusive)
        self.refused = np.zeros(self._n, dtype=bool)

    def _keys_of(self, left: IntArray, right: IntArray) -> IntArray:
        low, high = np.minimum(left, right), np.maximum(left, right)
        return np.unique((low * self._n + high)[low != high])

    def allow(self, low: IntArray, high: IntArray, size: FloatArray) -> BoolArray:
        """Which pairs of clusters may merge; a merge that only the size forbids is remembered in `refused`."""
        allowed = np.ones(len(low), dtype=bool)
        if len(self._keys):
            key = low * self._n + high
            place = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            allowed &= self._keys[place] != key
        if self._bits is not None:
            allowed &= (self._bits[low] & self._bits[high]) == 0
        if self._max_records:
            too_large = allowed & (size[low] + size[high] > self._max_records)
            self.refused[low[too_large]] = self.refused[high[too_large]] = True
            allowed &= ~too_large
        return allowed

    def follow(self, merged: IntArray, keep: IntArray, gone: IntArray) -> None:
        """Carry the limits over to the merged clusters; every cluster takes part in one merge a round at the most."""
        if len(self._keys):
            self._keys = self._keys_of(merged[self._keys // self._n], merged[self._keys % self._n])
        if self._bits is not None:
            self._bits[keep] |= self._bits[gone]
        self.refused[keep] |= self.refused[gone]


@dataclass
class MustLinks:
    """Pairs of records that are one person, unless something stronger keeps them apart."""

    left: IntArray
    right: IntArray
    strength: FloatArray
    """Where not all links can hold, the strongest do, shape (l,)."""
    is_manual: BoolArray
    """Decided by people, shape (l,)."""
    disagree_left: IntArray = field(default_factory=lambda: NO_PAIRS)
    disagree_right: IntArray = field(default_factory=lambda: NO_PAIRS)
    """Pairs that share a strong identifier and plainly disagree as persons: only links that are not manual respect them."""


def must_link_groups(record_count: int, links: MustLinks, limits: Limits | None = None) -> IntArray:
    """Merge records joined by must-links, as far as the limits allow.

    Groups that the links form without a conflict are connected components. Where a group holds two records that must stay apart, or
    too many records, its links are taken anew, manual ones first and then the strongest first, and each that would join what
    must stay apart is left out: so the weakest links give way, as in a maximum spanning forest.

    Args:
        record_count: records in all, n.
        links: the must-links.
        limits: what keeps records apart; None for nothing.

    Returns:
        For every record, shape (n,), the smallest record of its group.
    """
    limits = limits or Limits()
    component = _components(record_count, links.left, links.right)
    disputed = np.zeros(record_count, dtype=bool)
    for left, right in ((limits.left, limits.right), (links.disagree_left, links.disagree_right)):
        inside = component[left] == component[right]
        disputed[component[left[inside]]] = True
    if limits.exclusive is not None:
        held = np.flatnonzero(limits.exclusive)
        for bit in range(int(limits.exclusive.max(initial=0)).bit_length()):
            times = np.bincount(component[held[(limits.exclusive[held] >> bit) & 1 == 1]], minlength=record_count)
            disputed |= times > 1
    if limits.max_records:
        disputed |= np.bincount(component, minlength=record_count) > limits.max_records
    if not disputed.any():
        return component
    groups = component.copy()
    members = np.flatnonzero(disputed[component])
    groups[members] = members
    taken = np.flatnonzero(disputed[component[links.left]])
    low, high = np.minimum(links.left, links.right), np.maximum(links.left, links.right)
    order = taken[np.lexsort((high[taken], low[taken], -links.strength[taken], ~links.is_manual[taken]))]
    groups[members] = _strongest_first(members, low[order], high[order], links.is_manual[order], links, limits)
    return groups


def _components(record_count: int, left: IntArray, right: IntArray) -> IntArray:
    """The smallest record of the connected component of every record, shape (record_count,)."""
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(record_count, record_count))
    _, component = connected_components(graph, directed=False)
    first = np.full(component.max(initial=-1) + 1, record_count, dtype=np.int64)
    np.minimum.at(first, component, np.arange(record_count))
    return np.asarray(first[component])


def _strongest_first(
    members: IntArray, left: IntArray, right: IntArray, is_manual: BoolArray, links: MustLinks, limits: Limits
) -> IntArray:
    """Groups of the disputed records, link by link in the order given; only these few records are looked at one by one.

    Returns:
        The smallest record of the group of every member, shape of `members`.
    """
    root = {int(record): int(record) for record in members}
    size = dict.fromkeys(root, 1)
    bits = {record: 0 if limits.exclusive is None else int(limits.exclusive[record]) for record in root}
    # Per group, the groups it must stay apart from, and whether even from a manual must-link.
    apart: dict[int, dict[int, bool]] = {record: {} for record in root}
    for one, other, absolute in (
        (links.disagree_left, links.disagree_right, False),
        (limits.left, limits.right, True),
    ):
        inside = np.isin(one, members) & np.isin(other, members) & (one != other)
        for a, b in zip(one[inside].tolist(), other[inside].tolist(), strict=True):
            apart[a][b] = apart[b][a] = absolute or apart[a].get(b, False)

    def find(record: int) -> int:
        while root[record] != record:
            root[record] = record = root[root[record]]
        return record

    for left_record, right_record, manual in zip(left.tolist(), right.tolist(), is_manual.tolist(), strict=True):
        a, b = find(left_record), find(right_record)
        if a == b or (limits.max_records and size[a] + size[b] > limits.max_records):
            continue
        if apart[a].get(b, False) or (not manual and (b in apart[a] or bits[a] & bits[b])):
            continue
        keep, gone = (a, b) if len(apart[a]) >= len(apart[b]) else (b, a)
        root[gone] = keep
        size[keep] += size[gone]
        bits[keep] |= bits[gone]
        for group, absolute in apart.pop(gone).items():
            del apart[group][gone]
            if group != keep:
                apart[keep][group] = apart[group][keep] = absolute or apart[keep].get(group, False)
    found = np.array([find(int(record)) for record in members], dtype=np.int64)
    roots, inverse = np.unique(found, return_inverse=True)
    first = np.full(len(roots), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, inverse, members)
    return np.asarray(first[inverse])


@dataclass
class Clustering:
    """Clusters of n records."""

    labels: IntArray
    """The cluster of every record, shape (n,)."""
    is_full: BoolArray
    """Whether the cluster of the record matches another one that it cannot take up without exceeding the limit, shape (n,)."""


def average_linkage(
    labels: IntArray,
    left: IntArray,
    right: IntArray,
    evidence: Evidence,
    threshold: float = 0.0,
    unseen_weight: float = -4.0,
    limits: Limits | None = None,
) -> Clustering:
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
        limits: what keeps clusters apart whatever their weight, and the pair is passed over; None for nothing.

    Returns:
        The clusters; a label is the smallest record of its cluster if it was so at the start.
    """
    n = len(labels)
    labels = labels.astype(np.int64, copy=True)
    size = np.bincount(labels, minlength=n).astype(np.float64)
    # The order of the pairs decides how sums are rounded.
    order = np.argsort(np.minimum(left, right).astype(np.int64) * n + np.maximum(left, right), kind="stable")
    a, b, total, seen = _combine(
        labels[left[order]], labels[right[order]], evidence.values, order, np.ones(len(left)), n, evidence.summed
    )
    weight = evidence.weigh(total)
    apart = _Apart(limits or Limits(), labels)
    group = _components(n, a, b)
    # The nearest of all pairs is mutual, so that each round merges something; where many are alike, there are many rounds.
    while True:
        pairs = size[a] * size[b]
        mean = (weight * seen + (pairs - seen) * unseen_weight) / pairs
        close = np.flatnonzero(mean >= threshold)
        close = close[apart.allow(a[close], b[close], size)]
        if not len(close):
            return Clustering(labels, apart.refused[labels])
        # A group in which no pair may merge now is finished, because nothing in it changes any more.
        alive = np.zeros(n, dtype=bool)
        alive[group[a[close]]] = True
        rows = np.flatnonzero(alive[group[a]])
        if len(rows) < len(a) / 2:
            close = np.searchsorted(rows, close)
            a, b, seen, weight, total, mean = a[rows], b[rows], seen[rows], weight[rows], total[:, rows], mean[rows]
        nearest = _nearest(a[close], b[close], mean[close], n)
        mutual = (nearest[a[close]] == b[close]) & (nearest[b[close]] == a[close])
        keep, gone = a[close][mutual], b[close][mutual]
        merged = np.arange(n)
        merged[gone] = keep
        size[keep] += size[gone]
        apart.follow(merged, keep, gone)
        labels = merged[labels]
        touched = np.zeros(n, dtype=bool)
        touched[keep] = True
        touched[gone] = True
        is_moved = touched[a] | touched[b]
        moved, stay = np.flatnonzero(is_moved), np.flatnonzero(~is_moved)
        a2, b2, total2, seen2 = _combine(
            merged[a[moved]], merged[b[moved]], total, moved, seen[moved], n, evidence.summed
        )
        a, b, seen = np.concatenate([a[stay], a2]), np.concatenate([b[stay], b2]), np.concatenate([seen[stay], seen2])
        weight = np.concatenate([weight[stay], evidence.weigh(total2)])
        total = np.concatenate([total[:, stay], total2], axis=1)


def _combine(
    left: IntArray,
    right: IntArray,
    total: npt.NDArray[np.float32],
    places: IntArray,
    seen: FloatArray,
    n: int,
    summed: int,
) -> tuple[IntArray, IntArray, npt.NDArray[np.float32], FloatArray]:
    """Combine evidence and counts per unordered pair of clusters: sums of the first rows, maxima of the rest.

    Args:
        left, right: clusters of k pairs, shape (k,); a pair inside one cluster is left out.
        total: evidence, shape (rows, any).
        places: the columns of `total` that belong to the pairs, shape (k,).
        seen: compared pairs of records behind each, shape (k,).
        n: a number above all clusters.
        summed: rows to add up.

    Returns:
        Lower and higher cluster, evidence and counts of the combined pairs, in the order of the clusters.
    """
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
    apart = np.flatnonzero(low != high)
    key = low[apart] * n + high[apart]
    order = np.argsort(key, kind="stable")
    key = key[order]
    rows = apart[order]
    places, seen = places[rows], seen[rows]
    is_first = np.concatenate([[True], key[1:] != key[:-1]])[: len(key)]
    start = np.flatnonzero(is_first)
    if len(start) == len(key):
        return key // n, key % n, total[:, places], seen
    number = np.cumsum(is_first) - 1
    combined: npt.NDArray[np.float32] = np.empty((len(total), len(start)), dtype=np.float32)
    for row, values in enumerate(total):
        if row < summed:
            combined[row] = np.bincount(number, values[places], len(start))
        else:
            combined[row] = np.maximum.reduceat(values[places], start)
    return key[start] // n, key[start] % n, combined, np.bincount(number, seen, len(start)).astype(np.float64)


def _nearest(a: IntArray, b: IntArray, mean: FloatArray, n: int) -> IntArray:
    """The nearest neighbour of every cluster, -1 for none; among equals the smaller label."""
    # Rounded so that sums added up in another order still tie.
    score = np.round(mean, 9)
    best = np.full(n, -np.inf)
    np.maximum.at(best, a, score)
    np.maximum.at(best, b, score)
    nearest = np.full(n, n, dtype=np.int64)
    for node, other in ((a, b), (b, a)):
        rows = np.flatnonzero(score == best[node])
        np.minimum.at(nearest, node[rows], other[rows])
    nearest[nearest == n] = -1
    return nearest


def component_table(links: dict[str, npt.NDArray[np.generic]]) -> pa.Table:
    """Connected components of records.

    Args:
        links: arrays left_key, right_key of what connects two records: matches and must-links.

    Returns:
        Table record_key, component_key (smallest record of the component), for the records that occur in links.
    """
    left = np.asarray(links["left_key"], dtype=np.int64)
    right = np.asarray(links["right_key"], dtype=np.int64)
    records, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    groups = _components(len(records), inverse[: len(left)], inverse[len(left) :])
    return pa.table(
        {
            "record_key": pa.array(records.astype(np.int32)),
            "component_key": pa.array(records[groups].astype(np.int32) if len(records) else records.astype(np.int32)),
        }
    )


def cluster_table(
    record_keys: npt.NDArray[np.generic],
    pairs: dict[str, npt.NDArray[np.generic]],
    links: dict[str, npt.NDArray[np.generic]],
    apart: dict[str, npt.NDArray[np.generic]],
    exclusive: dict[str, npt.NDArray[np.generic]],
    weights: pd.DataFrame,
    levels: pd.DataFrame,
    threshold: float,
    unseen_weight: float,
    max_records: int = 0,
) -> pa.Table:
    """Cluster the records of whole components.

    Args:
        record_keys: the records, shape (n,), in the order that breaks ties.
        pairs: arrays left_key, right_key, pattern and frequency bits of the compared pairs.
        links: arrays left_key, right_key, strength and is_manual of must-links.
        apart: arrays left_key, right_key and is_absolute of cannot-links; those that are not absolute only keep must-links of strong
            identifiers from holding.
        exclusive: arrays record_key and feed_number (0 to 62) of the records that their source keeps apart from its others.
        weights: the table of identity_match_weights.
        levels: the table of identity_comparison_levels.
        threshold: least weight of a merge, in bits.
        unseen_weight: weight of a pair that was not compared, in bits.
        max_records: the largest number of records of a cluster; 0 for no limit.

    Pairs of which a record is not among `record_keys` are left out.

    Returns:
        Table record_key, cluster_key (the first record of the cluster) and is_full (see Clustering), in the order of record_keys.
    """
    keys = np.asarray(record_keys, dtype=np.int64)
    link_left, link_right, known_links = _places(keys, links)
    left, right, known = _places(keys, pairs)
    apart_left, apart_right, known_apart = _places(keys, apart)
    absolute = np.asarray(apart["is_absolute"], dtype=bool)[known_apart]
    limits = Limits(apart_left[absolute], apart_right[absolute], _exclusive_bits(keys, exclusive), max_records)
    must_links = MustLinks(
        link_left,
        link_right,
        np.asarray(links["strength"], dtype=np.float64)[known_links],
        np.asarray(links["is_manual"], dtype=bool)[known_links],
        apart_left[~absolute],
        apart_right[~absolute],
    )
    clusters = average_linkage(
        must_link_groups(len(keys), must_links, limits),
        left,
        right,
        pair_evidence(
            pairs if known.all() else {name: values[known] for name, values in pairs.items()}, weights, levels
        ),
        threshold,
        unseen_weight,
        limits,
    )
    return pa.table(
        {
            "record_key": pa.array(keys.astype(np.int32)),
            "cluster_key": pa.array(keys[clusters.labels].astype(np.int32)),
            "is_full": pa.array(clusters.is_full),
        }
    )


def _places(keys: IntArray, pairs: dict[str, npt.NDArray[np.generic]]) -> tuple[IntArray, IntArray, BoolArray]:
    """Where the records of pairs stand in the keys, and which of the pairs have both records there.

    Returns:
        Places of the left and the right record of the pairs that do, shape (k,) each, and which do, shape (p,).
    """
    left, right = (np.asarray(pairs[side], dtype=np.int64) for side in ("left_key", "right_key"))
    place = np.full(int(max(side.max(initial=-1) for side in (keys, left, right))) + 1, -1, dtype=np.int32)
    place[keys] = np.arange(len(keys), dtype=np.int32)
    left_place, right_place = place[left], place[right]
    known = (left_place >= 0) & (right_place >= 0)
    return left_place[known].astype(np.int64), right_place[known].astype(np.int64), known


def _exclusive_bits(keys: IntArray, exclusive: dict[str, npt.NDArray[np.generic]]) -> IntArray | None:
    """For every record, the bit of the feed that keeps it apart from its other records; None if no record has one."""
    record, _, known = _places(keys, {"left_key": exclusive["record_key"], "right_key": exclusive["record_key"]})
    if not len(record):
        return None
    bits = np.zeros(len(keys), dtype=np.int64)
    feed = np.asarray(exclusive["feed_number"], dtype=np.int64)[known]
    np.bitwise_or.at(bits, record, np.left_shift(np.int64(1), feed))
    return bits
