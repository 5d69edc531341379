"""Where files with personal data were ever exported to: written down in the database, so that erasing visits every place."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

TABLE = "deliveries.folders"
# Files of a destination, and what export-subject writes, within a folder of exports. Whatever else lies there may be anybody's.
OF_DESTINATION = "{}/**/*"
OF_SUBJECTS = "subject-*.json"


def exports_folder(database: Path) -> Path:
    """Where a database is exported to unless a folder is given: KINDRED_EXPORTS, else `exports` beside the database."""
    return Path(os.environ.get("KINDRED_EXPORTS") or database.parent / "exports")


def record_folder(connection: duckdb.DuckDBPyConnection, folder: Path, patterns: Iterable[str]) -> None:
    """Note a folder and the patterns of the files that are written there, each once."""
    connection.execute("create schema if not exists deliveries")
    connection.execute(
        f"create table if not exists {TABLE} (folder varchar, pattern varchar, primary key (folder, pattern))"
    )
    for pattern in patterns:
        connection.execute(f"insert or ignore into {TABLE} values (?, ?)", [str(folder.resolve()), pattern])


def recorded_folders(connection: duckdb.DuckDBPyConnection) -> dict[Path, list[str]]:
    """Every folder that was noted, with its patterns."""
    ((is_there,),) = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database() and schema_name || '.' || table_name = ?",
        [TABLE],
    ).fetchall()
    noted = connection.execute(f"select folder, pattern from {TABLE} order by all").fetchall() if is_there else []
    folders: dict[Path, list[str]] = {}
    for folder, pattern in noted:
        folders.setdefault(Path(folder), []).append(pattern)
    return folders
