"""Wiring shared by the dictionary models: which values are new, and which were normalized by the last run already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from python_udfs.normalize.batches import Junk, junk_by_kind, stream

BATCH_ROWS = 50_000


def rules_version(junk_rows: list[tuple[Any, ...]]) -> str:
    """Changes with the code of this package, the packages behind it and the junk list: old results are then not reused."""
    digest = hashlib.sha256(repr(sorted(map(str, junk_rows))).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    for package in ("phonenumbers", "email-validator", "babel"):
        digest.update(version(package).encode())
    return digest.hexdigest()[:16]


def normalized_stream(
    session: Any,
    this: Any,
    values: Any,
    junk: Any,
    schema: pa.Schema,
    normalize: Callable[[pa.RecordBatch, Junk], pa.RecordBatch],
) -> pa.RecordBatchReader:
    """The dictionary for all distinct rows of `values`.

    `session` is a DuckDB connection, `values` and `junk` relations, `this` the dictionary's own table. Input columns are
    those of `schema` that `values` has. Rows the existing table already has under the same rules are copied, not computed
    again; values that no longer occur disappear, as they must when a person's data are erased.
    """
    junk_rows = junk.fetchall()
    rules = rules_version(junk_rows)
    keys = [name for name in schema.names if name in values.columns]
    wanted = values.project(", ".join(keys)).distinct()
    out_schema = schema.append(pa.field("rules_version", pa.string()))

    def with_rules(batch: pa.RecordBatch) -> pa.RecordBatch:
        done = normalize(batch, junk_by_kind(junk_rows))
        return pa.RecordBatch.from_arrays([*done.columns, pa.array([rules] * done.num_rows, pa.string())], schema=out_schema)

    return stream(wanted.to_arrow_reader(BATCH_ROWS), out_schema, partial(with_rules))
