"""Take rows out of raw files: each file is written anew beside itself and then put in its place, so it is whole at all times."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from python_udfs.raw.csv_files import column_names, find_delimiter, header_text, land_csv
from python_udfs.raw.inspect import table_files


class RawRewriteError(RuntimeError):
    """A raw file that cannot be rewritten safely; names file and remedy. Nothing of it was changed."""


def literal(path: Path) -> str:
    """A path as an SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def files_of(raw: Path, source: str, table: str) -> list[Path]:
    """The files of a raw table."""
    return table_files(raw / source, table)


def readable(path: Path, landed: Path) -> Path:
    """The Parquet file to query: the file itself, or what the CSV file is converted to."""
    if path.suffix.lower() != ".csv":
        return path
    return land_csv(path, landed / path.parent.name / path.name.split(".")[0]).parquet


def matching_rows(connection: duckdb.DuckDBPyConnection, parquet: Path, condition: str) -> list[int]:
    """Positions (from 0) of the rows that fulfil an SQL condition, ascending."""
    query = f"select file_row_number from read_parquet({literal(parquet)}, file_row_number = true) where {condition} order by all"
    return [int(position) for (position,) in connection.execute(query).fetchall()]


def columns_of(connection: duckdb.DuckDBPyConnection, parquet: Path) -> list[tuple[str, str]]:
    """Names and types of a file's columns as the engine sees them."""
    rows = connection.execute(f"describe select * from read_parquet({literal(parquet)})").fetchall()
    return [(str(row[0]), str(row[1])) for row in rows]


def drop_rows(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    landed: Path,
    positions: Collection[int],
    is_theirs: Callable[[str], bool] = lambda _: False,
) -> None:
    """Write a file without the rows at `positions`; of a CSV file also without malformed lines that are theirs by a field.

    Raises:
        RawRewriteError: the file cannot be written to, or its records do not add up.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        if path.suffix.lower() == ".csv":
            _write_csv(path, partial, landed, set(positions), is_theirs)
        else:
            _write_parquet(connection, path, partial, positions)
        partial.replace(path)
    except OSError as problem:
        raise RawRewriteError(
            f"{path}: cannot be rewritten ({problem.strerror}). Give write permission and run the operation again."
        ) from problem
    finally:
        partial.unlink(missing_ok=True)


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, partial: Path, positions: Collection[int]
) -> None:
    connection.execute("create or replace temp table dropped_rows (position bigint)")
    connection.execute("insert into dropped_rows select unnest($1)", [sorted(positions)])
    connection.execute(
        f"""
        copy (
            select * exclude (file_row_number) from read_parquet({literal(path)}, file_row_number = true)
            where file_row_number not in (select position from dropped_rows)
            order by file_row_number
        ) to {literal(partial)} (format parquet, compression zstd)
        """
    )
    before, after = pq.read_metadata(path).num_rows, pq.read_metadata(partial).num_rows
    if before - after != len(positions):
        raise RawRewriteError(f"{path}: {before} rows less {len(positions)} gave {after}. The file was left as it is.")


def _write_csv(path: Path, partial: Path, landed: Path, positions: set[int], is_theirs: Callable[[str], bool]) -> None:
    """Records keep their order; what is malformed stays malformed, unless one of its fields is theirs."""
    converted = readable(path, landed)
    text = header_text(path)
    delimiter = find_delimiter(text)
    width = len(column_names(path, text, delimiter))
    count = 0
    with (
        path.open(newline="", encoding="utf-8-sig") as source,
        partial.open("w", newline="", encoding="utf-8") as target,
    ):
        reader = csv.reader(source, delimiter=delimiter)
        writer = csv.writer(target, delimiter=delimiter, lineterminator="\n")
        writer.writerow(next(reader))
        for record in reader:
            if len(record) == width:
                if count not in positions:
                    writer.writerow(record)
                count += 1
            elif record and not any(map(is_theirs, record)):
                writer.writerow(record)
    rows = pq.read_metadata(converted).num_rows
    if rows != count:
        raise RawRewriteError(
            f"{path}: {count} records were read where {rows} were converted, so rows cannot be told apart safely. "
            "Save the file as Parquet and run the operation again."
        )
    forget_converted(converted)


def forget_converted(converted: Path) -> None:
    """Remove the converted form of a CSV file with what lies beside it."""
    for file in converted.parent.glob(f"{converted.stem}*"):
        file.unlink()


def rewrite_lines(path: Path, is_kept: Callable[[bytes], bool]) -> int:
    """Write a text file without some of its lines; returns how many went."""
    partial = path.with_name(f".{path.name}.partial")
    dropped = 0
    with path.open("rb") as source, partial.open("wb") as target:
        for line in source:
            if is_kept(line):
                target.write(line)
            else:
                dropped += 1
    partial.replace(path)
    return dropped
