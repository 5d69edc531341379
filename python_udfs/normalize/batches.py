"""Stream distinct raw values through a normalizer, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

Junk = dict[str, frozenset[str]]


def junk_by_kind(rows: Iterable[tuple[Any, ...]]) -> Junk:
    """Rows (kind, value) of the junk_values seed as kind -> lower-case values; 'any' is part of every other kind."""
    kinds: dict[str, set[str]] = {}
    for kind, value in rows:
        kinds.setdefault(str(kind), set()).add(str(value).strip().lower())
    common = kinds.pop("any", set())
    wanted = {"email", "email_local_part", "email_domain", "phone", "name", *kinds}
    whole = {"email", "phone", "name", "country"}
    return {kind: frozenset(kinds.get(kind, set()) | (common if kind in whole else set())) for kind in wanted | whole}


def stream(
    reader: pa.RecordBatchReader, schema: pa.Schema, normalize: Callable[[pa.RecordBatch], pa.RecordBatch]
) -> pa.RecordBatchReader:
    """A reader that normalizes one batch at a time, so that memory holds one batch, whatever the number of values."""

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            if batch.num_rows:
                yield normalize(batch)

    return pa.RecordBatchReader.from_batches(schema, batches())
