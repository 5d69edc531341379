"""Write activation tables as Parquet and CSV: what is true now, and what has changed since the last export.

    <folder>/<destination>/current.parquet|csv            the present truth, replaced only when its bytes change
    <folder>/<destination>/changes/<time>.parquet|csv     rows of the state that moved since the file before, deletions included

How far the destination has been told is the name of its last change file, so that there is no second truth beside the files.
"""

from __future__ import annotations

import filecmp
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

FORMATS = {"parquet": "format parquet, compression zstd", "csv": "format csv, header true"}
TIME_FORMAT = "%Y%m%dT%H%M%S%f"
KEY = "activation_id"
# What a file is called until it is whole.
DRAFT = ".draft"


class DeliveryError(Exception):
    """An export that cannot go on; the message names table or file, and the remedy."""


@dataclass(frozen=True)
class Written:
    """What one export wrote for a destination: file names relative to its folder."""

    destination: str
    files: list[str]
    changed_rows: int


def destinations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the destinations that have both a `_current` and a `_state` table, sorted."""
    rows = connection.execute(
        "select regexp_extract(table_name, '^activation_(.+)_state$', 1) as destination"
        " from information_schema.tables where table_schema = 'activation' and table_name like 'activation%_state'"
        " and replace(table_name, '_state', '_current') in"
        " (select table_name from information_schema.tables where table_schema = 'activation') order by all"
    ).fetchall()
    if not rows:
        raise DeliveryError(
            "The database holds no activation tables. Run `make run` (or dbt build) first, "
            "with a destination in `activation_destinations` of dbt_project.yml."
        )
    return [name for (name,) in rows]


def switched_off(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of the destinations that the last build made no tables for: those of before say that everybody is to be deleted."""
    is_built = connection.execute(
        "select count(*) from information_schema.tables"
        " where table_schema = 'activation' and table_name = 'activation_monitoring'"
    ).fetchall()[0][0]
    if not is_built:
        return set()
    built = connection.execute("select distinct destination from activation.activation_monitoring").fetchall()
    return set(destinations(connection)) - {name for (name,) in built}


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path, form: str) -> bool:
    """Write a query to a file in one step; an equal file is left alone. Returns whether the file is new."""
    draft = target.with_name(f".{target.name}{DRAFT}")
    draft.unlink(missing_ok=True)
    quoted = str(draft).replace("'", "''")
    connection.execute(f"copy ({query}) to '{quoted}' ({FORMATS[form]})")
    if target.exists() and filecmp.cmp(draft, target, shallow=False):
        draft.unlink()
        return False
    draft.replace(target)
    return True


def _told_until(folder: Path, form: str) -> datetime | None:
    """Time of the last change file of a format; None before the first."""
    times = []
    for file in folder.glob(f"*.{form}"):
        try:
            times.append(datetime.strptime(file.stem, TIME_FORMAT))
        except ValueError:
            if not file.name.startswith("."):
                raise DeliveryError(
                    f"{file} does not belong to an export: its name is no time. Move it elsewhere."
                ) from None
    return max(times, default=None)


def write_destination(connection: duckdb.DuckDBPyConnection, destination: str, folder: Path) -> Written:
    """Export one destination into its folder; nothing is written where nothing has changed."""
    home = folder / destination
    changes = home / "changes"
    changes.mkdir(parents=True, exist_ok=True)
    # Of an export that was killed; that of a change is never written to again.
    for draft in home.rglob(f".*{DRAFT}"):
        draft.unlink()
    current = f"activation.activation_{destination}_current"
    state = f"activation.activation_{destination}_state"
    latest = connection.execute(f"select max(updated_at) from {state}").fetchall()[0][0]
    files: list[str] = []
    changed_rows = 0
    for form in FORMATS:
        since = _told_until(changes, form)
        if since is not None and (latest is None or latest < since):
            raise DeliveryError(
                f"{changes} was told of changes until {since}, but {state} ends at {latest}: it comes from another database. "
                "Export into a new folder."
            )
        if latest is not None and (since is None or latest > since):
            moved = f"from {state} where updated_at > timestamp '{since or datetime.min}'"
            changed_rows = connection.execute(f"select count(*) {moved}").fetchall()[0][0]
            target = changes / f"{latest.strftime(TIME_FORMAT)}.{form}"
            _copy(connection, f"select * {moved} order by updated_at, {KEY}", target, form)
            files.append(f"changes/{target.name}")
        if _copy(connection, f"select * from {current} order by {KEY}", home / f"current.{form}", form):
            files.append(f"current.{form}")
    return Written(destination, files, changed_rows)


def export_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Written]:
    """Export every destination. One thread, so that the same rows give the same bytes."""
    connection.execute("set threads = 1")
    try:
        return [write_destination(connection, destination, folder) for destination in destinations(connection)]
    finally:
        connection.execute("reset threads")
