"""Which account id each company record has: an id, once given, stays with most of its records."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from python_udfs.identity.ledger import choose_ids

LEDGER = pa.schema(
    [
        ("account_record_id", pa.string()),
        ("account_id", pa.string()),
        ("since_version", pa.int64()),
        ("is_current", pa.bool_()),
    ]
)


def account_id_of(founder: str, number: int = 1) -> str:
    """The id derived from an account's first record; further numbers where that id is used already."""
    text = founder if number == 1 else f"{founder}#{number}"
    return "a" + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:16]


def account_ledger(clusters: pa.Table, previous: pa.Table | None) -> pa.Table:
    """The ledger of account ids after a run.

    Ids go where most of their records go; see choose_ids. Records that are gone keep their row, so that they find their account again.

    Args:
        clusters: account_record_id, cluster_key of all records there are.
        previous: the ledger before, or None.

    Returns:
        Table LEDGER, one row per record ever seen, ordered by it; since_version is the run that first gave the id.
    """
    before = (previous if previous is not None else LEDGER.empty_table()).to_pydict()
    old_id = dict(zip(before["account_record_id"], before["account_id"], strict=True))
    since = dict(zip(before["account_id"], before["since_version"], strict=True))
    version = max(before["since_version"], default=0) + 1

    members: dict[int, list[str]] = {}
    for record, cluster in zip(
        clusters["account_record_id"].to_pylist(), clusters["cluster_key"].to_pylist(), strict=True
    ):
        members.setdefault(cluster, []).append(record)
    if not members:
        given: dict[int, str] = {}
    else:
        chosen = choose_ids(_overlaps(members, old_id, since), _candidates(members, set(since)))
        given = dict(zip(chosen["cluster_key"].to_pylist(), chosen["customer_id"].to_pylist(), strict=True))
    present = {record: given[cluster] for cluster, records in members.items() for record in records}
    everybody = sorted(old_id.keys() | present.keys())
    ids = [present.get(record) or old_id[record] for record in everybody]
    return pa.table(
        {
            "account_record_id": everybody,
            "account_id": ids,
            "since_version": [since.get(account, version) for account in ids],
            "is_current": [record in present for record in everybody],
        },
        schema=LEDGER,
    )


def _overlaps(members: dict[int, list[str]], old_id: dict[str, str], since: dict[str, int]) -> pa.Table:
    """How many records each cluster has of each id that was given before."""
    counts: dict[tuple[int, str], int] = {}
    for cluster, records in members.items():
        for record in records:
            if record in old_id:
                counts[cluster, old_id[record]] = counts.get((cluster, old_id[record]), 0) + 1
    return pa.table(
        {
            "cluster_key": pa.array([cluster for cluster, _ in counts], pa.int64()),
            "customer_id": pa.array([account for _, account in counts], pa.string()),
            "record_count": pa.array(counts.values(), pa.int64()),
            "since_version": pa.array([since[account] for _, account in counts], pa.int64()),
        }
    )


def _candidates(members: dict[int, list[str]], used: set[str]) -> pa.Table:
    """The id derived from each cluster's first record and, where that was given before, the next one that was not."""
    founders = {cluster: min(records) for cluster, records in members.items()}
    clusters: list[int] = []
    numbers: list[int] = []
    ids: list[str] = []
    for cluster, founder in founders.items():
        number = 1
        while True:
            clusters.append(cluster)
            numbers.append(number)
            ids.append(account_id_of(founder, number))
            if ids[-1] not in used:
                break
            number += 1
    order = np.argsort(np.array([founders[cluster] for cluster in clusters]), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return pa.table(
        {
            "cluster_key": pa.array(clusters, pa.int64()),
            "candidate_number": pa.array(numbers, pa.int64()),
            "customer_id": pa.array(ids, pa.string()),
            "is_free": pa.array([account not in used for account in ids], pa.bool_()),
            "founder_rank": pa.array(rank),
        }
    )
