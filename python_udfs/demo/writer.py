"""Writes tables to Parquet, one file a table, row group by row group, through a temporary name."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from python_udfs.demo.schemas import SCHEMAS

Columns = dict[str, Any]


def table_of(name: str, columns: Columns) -> pa.Table:
    """Table with the declared columns in the declared order.

    Columns that are left out become null. Raises ValueError for a column that is not declared or has
    another type, naming table and column.
    """
    schema = SCHEMAS[name]
    unknown = sorted(set(columns) - set(schema.names))
    if unknown:
        raise ValueError(
            f"{name}: column {unknown[0]!r} is not declared in python_udfs/demo/schemas.py; declare it there"
        )
    count = len(next(iter(columns.values())))
    arrays = []
    for field in schema:
        array = columns.get(field.name)
        array = pa.nulls(count, field.type) if array is None else array
        array = array if isinstance(array, (pa.Array, pa.ChunkedArray)) else pa.array(array)
        if array.type != field.type:
            raise ValueError(
                f"{name}: column {field.name!r} is {array.type}, declared {field.type}; convert it before writing"
            )
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=schema)


class RawWriter:
    """Collects row groups of many tables; files appear under their name only when all is written.

    A second thread compresses and writes while the caller makes the next block. `suffix` is
    "" for the base or ".day0001" for an increment.
    """

    def __init__(self, out: Path, suffix: str = "") -> None:
        self.out = out
        self.suffix = suffix
        self.rows: dict[str, int] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._queue: queue.Queue[tuple[str, pa.Table] | None] = queue.Queue(maxsize=12)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> RawWriter:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        for writer in self._writers.values():
            writer.close()
        failed = error if error is not None else self._error
        for name in self._writers:
            if failed is None:
                self._path(name, True).replace(self._path(name, False))
            else:
                self._path(name, True).unlink(missing_ok=True)
        if error is None and self._error is not None:
            raise self._error

    def add(self, name: str, table: pa.Table) -> None:
        """Append the rows of `table` to the raw table `name` (<source>.<table>)."""
        if self._error is not None:
            raise self._error
        self.rows[name] = self.rows.get(name, 0) + table.num_rows
        self._queue.put((name, table))

    def _path(self, name: str, temporary: bool) -> Path:
        source, _, table = name.partition(".")
        return self.out / source / (f".{table}{self.suffix}.partial" if temporary else f"{table}{self.suffix}.parquet")

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._error is not None:
                continue
            try:
                name, table = item
                writer = self._writers.get(name)
                if writer is None:
                    path = self._path(name, True)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    writer = self._writers[name] = pq.ParquetWriter(
                        path, table.schema, compression="zstd", compression_level=1
                    )
                if table.num_rows or table.schema.names:
                    writer.write_table(table, row_group_size=131_072)
            except BaseException as error:
                self._error = error


def remove_stale(out: Path, day: int) -> int:
    """Delete files of earlier runs: everything of the written tables (day 0), or that day's files."""
    removed = 0
    for name in SCHEMAS:
        source, _, table = name.partition(".")
        folder = out / source
        patterns = (
            (f"{table}.parquet", f"{table}.day[0-9][0-9][0-9][0-9].parquet", f".{table}*.partial")
            if day == 0
            else (f"{table}.day{day:04d}.parquet",)
        )
        for pattern in patterns:
            for path in sorted(folder.glob(pattern)) if folder.is_dir() else []:
                path.unlink()
                removed += 1
    return removed
