"""Inspect the raw files of declared tables: found or not, readable or not, complete or not.

Nothing here reads a whole Parquet file: footers tell columns and row counts. A CSV file is converted to Parquet once
(see `csv_files`) and then treated like any other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from python_udfs.raw.csv_files import CsvError, is_blank, land_csv

EXTENSIONS = (".parquet", ".csv")


class RawError(Exception):
    """A raw file that cannot be used; the message names file, column where there is one, and remedy."""


def _named_after(folder: Path, table: str) -> list[Path]:
    """Files with a table's name, blank ones included, sorted by name: the one with the bare name of the table first."""
    if not folder.is_dir():
        return []
    named = (
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix.lower() in EXTENSIONS and path.name.split(".")[0] == table
    )
    return sorted(named, key=lambda path: (path.stem, path.name))


def blank_files(folder: Path, table: str) -> list[Path]:
    """CSV files of a table with nothing in them, not even a header: it is as if they were not there."""
    return [path for path in _named_after(folder, table) if path.suffix.lower() == ".csv" and is_blank(path)]


def table_files(folder: Path, table: str) -> list[Path]:
    """Files of one table, `<table>.parquet|.csv` and increments `<table>.*.parquet|.csv`, sorted by name; without blank ones.

    Raises RawError when the table comes both as Parquet and as CSV: half of the rows would be there twice.
    """
    blank = blank_files(folder, table)
    found = [path for path in _named_after(folder, table) if path not in blank]
    kinds = {path.suffix.lower() for path in found}
    if len(kinds) > 1:
        names = ", ".join(path.name for path in found)
        raise RawError(
            f"{folder}: the table '{table}' is there both as Parquet and as CSV ({names}). "
            "Keep one of the two formats and move the other files away."
        )
    return found


def parquet_facts(path: Path) -> tuple[list[str], int]:
    """Column names and number of rows from the footer. Raises RawError for a truncated or foreign file."""
    try:
        with pq.ParquetFile(path) as file:
            return list(file.schema_arrow.names), int(file.metadata.num_rows)
    except (pa.ArrowException, OSError) as problem:
        reason = str(problem).split("\n")[0]
        raise RawError(
            f"{path}: not a readable Parquet file ({path.stat().st_size} bytes; {reason}). "
            "It is probably truncated: copy or export it again."
        ) from problem


def missing_required(declared: list[dict[str, Any]], present: list[str]) -> list[str]:
    """Names of declared columns marked required that are not present; names compare without case."""
    lower = {name.lower() for name in present}
    return [
        str(column["name"])
        for column in declared
        if column.get("required") and str(column["name"]).lower() not in lower
    ]


def inspect_table(raw: Path, landed: Path, declared: dict[str, Any]) -> dict[str, Any]:
    """Inspect one declared table. Keys of `declared`: source, table, schema, identifier, columns.

    Returns those keys plus status (ok | empty | missing | source absent), files (readable Parquet paths),
    rows, malformed_rows (CSV lines that do not have the header's number of fields). Raises RawError.
    """
    folder = raw / str(declared["source"])
    table = str(declared["table"])
    result: dict[str, Any] = {**declared, "status": "ok", "files": [], "rows": 0, "malformed_rows": 0}
    found = table_files(folder, table)
    if not found:
        result["status"] = (
            "source absent" if not folder.is_dir() else "empty" if blank_files(folder, table) else "missing"
        )
        return result
    present: list[str] = []
    for path in found:
        readable = path
        if path.suffix.lower() == ".csv":
            try:
                landing = land_csv(path, landed / str(declared["source"]) / table)
            except CsvError as problem:
                raise RawError(str(problem)) from problem
            readable = landing.parquet
            result["malformed_rows"] += landing.malformed_rows
        names, rows = parquet_facts(readable)
        present.extend(names)
        result["files"].append(str(readable))
        result["rows"] += rows
    missing = missing_required(declared["columns"], present)
    if missing:
        columns = ", ".join(f"'{name}'" for name in missing)
        raise RawError(
            f"{found[0]}: the required column {columns} is missing (the file has: {', '.join(present[:12])}"
            f"{', ...' if len(present) > 12 else ''}). "
            "Export the table with this column, or rename the column that holds it."
        )
    if result["rows"] == 0:
        result["status"] = "empty"
    return result


def inspect_tables(raw: Path, landed: Path, declared: list[dict[str, Any]]) -> dict[str, Any]:
    """Inspect all declared tables; every problem is collected, so that one run tells the user all of them.

    Notices say what is no problem but may not be meant.
    """
    notices = [
        f"{path.relative_to(raw)} is blank: the table has no rows from it."
        for table in declared
        for path in blank_files(raw / str(table["source"]), str(table["table"]))
    ]
    tables: list[dict[str, Any]] = []
    errors: list[str] = []
    for table in declared:
        try:
            tables.append(inspect_table(raw, landed, table))
        except RawError as problem:
            errors.append(str(problem))
    return {"enabled": True, "errors": errors, "notices": notices, "tables": tables}
