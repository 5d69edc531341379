"""Wiring shared by the dictionary models: which values are new, and which were normalized by the last run already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from python_udfs.normalize.batches import Junk, junk_by_kind, stream

BATCH_ROWS = 50_000


def rules_version(junk_rows: list[tuple[Any, ...]]) -> str:
    """Changes with this package, the packages behind it and the junk list: old results then do not count."""
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

    `session` is a DuckDB connection, `values` and `junk` are relations, `this` is the dictionary's own table. Input
    columns are those of `schema` that `values` has. Rows the existing table already has under the same rules are
    copied, not computed again; values that no longer occur disappear, as they must when a person's data are erased.
    """
    junk_rows = junk.fetchall()
    rules = rules_version(junk_rows)
    by_kind = junk_by_kind(junk_rows)
    keys = [name for name in schema.names if name in values.columns]
    key_list = ", ".join(keys)
    out_schema = schema.append(pa.field("rules_version", pa.string()))
    connection = session.cursor()  # a stream occupies its connection; the model's own writes the result
    wanted = f"(select distinct {key_list} from ({values.sql_query()}))"
    if not table_exists(session, this):
        return stream(
            connection.sql(wanted).to_arrow_reader(BATCH_ROWS),
            out_schema,
            partial(_normalized, normalize, by_kind, rules),
        )

    known = f"(select * from {this} where rules_version = '{rules}')"
    new = connection.sql(f"select * from {wanted} anti join {known} using ({key_list})")
    old = session.cursor().sql(
        f"select {', '.join(out_schema.names)} from {known} semi join {wanted} using ({key_list})"
    )
    return pa.RecordBatchReader.from_batches(
        out_schema,
        chain(
            old.to_arrow_reader(BATCH_ROWS),
            stream(new.to_arrow_reader(BATCH_ROWS), out_schema, partial(_normalized, normalize, by_kind, rules)),
        ),
    )


def _normalized(
    normalize: Callable[[pa.RecordBatch, Junk], pa.RecordBatch], junk: Junk, rules: str, batch: pa.RecordBatch
) -> pa.RecordBatch:
    done = normalize(batch, junk)
    return pa.RecordBatch.from_arrays(
        [*done.columns, pa.array([rules] * done.num_rows, pa.string())],
        schema=done.schema.append(pa.field("rules_version", pa.string())),
    )


def table_exists(session: Any, this: Any) -> bool:
    """Whether the dictionary was built before, in a form that has the columns of now."""
    try:
        columns = session.sql(f"select * from {this} limit 0").columns
    except duckdb.CatalogException:
        return False
    return "rules_version" in columns
