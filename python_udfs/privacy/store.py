"""The files around one database, and its own tables: the log of operations, restricted people, and what people had put right."""

from __future__ import annotations

import datetime
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

import duckdb

from python_udfs.database import attach, attach_any, catalog_of, is_encrypted, workspace
from python_udfs.delivery.folders import exports_folder
from python_udfs.privacy.journal import journal_path
from python_udfs.raw.origin import raw_of_database

TABLES = """
create schema if not exists privacy;
create table if not exists privacy.operations_log (
    operation_id varchar, operation varchar, subject_hash varchar, started_at timestamp, finished_at timestamp,
    is_dry_run boolean, table_count bigint, row_count bigint, outcome varchar
);
alter table privacy.operations_log add column if not exists reason varchar;
create table if not exists privacy.restrictions (
    identifier_type varchar, identifier varchar, reason varchar, suppressed_at timestamp
);
create table if not exists privacy.rectifications (
    record_id varchar, unit varchar, attribute varchar, replaced_value varchar, value varchar, rectified_at timestamp,
    operation_id varchar, reason varchar
);
"""


@dataclass(frozen=True)
class Place:
    """Where one company's data lies."""

    database: Path
    raw: Path | None
    exports: Path
    backups: Path
    logs: tuple[Path, ...]

    @property
    def landed(self) -> Path:
        """Converted CSV files and what is known about raw files, where the build keeps them."""
        return self.database.absolute().parent / "landed"

    @property
    def journal(self) -> Path:
        """The journal of erasures."""
        return journal_path(self.database)

    @classmethod
    def from_environment(cls) -> Place:
        """KINDRED_DATABASE, KINDRED_RAW, KINDRED_EXPORTS, KINDRED_BACKUPS and KINDRED_LOGS (folders, divided like a path).

        Without KINDRED_RAW the raw folder is the one that the database was built from.

        Raises:
            OriginError: KINDRED_RAW names another folder than that.
        """
        database = Path(os.environ.get("KINDRED_DATABASE", "data/kindred.duckdb"))
        logs = os.environ.get("KINDRED_LOGS", os.pathsep.join(("logs", "target")))
        return cls(
            database,
            raw_of_database(database),
            exports_folder(database),
            Path(os.environ.get("KINDRED_BACKUPS") or database.parent / "backups"),
            tuple(Path(folder) for folder in logs.split(os.pathsep) if folder),
        )


def now() -> datetime.datetime:
    """The present time in UTC, without zone, to the second."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)


@dataclass(frozen=True)
class Entry:
    """An operation that is under way."""

    operation: str
    subject_hash: str | None
    is_dry_run: bool
    operation_id: str
    started_at: datetime.datetime

    @classmethod
    def start(cls, operation: str, subject_hash: str | None, is_dry_run: bool) -> Entry:
        """Begin an operation now."""
        return cls(operation, subject_hash, is_dry_run, uuid.uuid4().hex, now())


def write_log(
    connection: duckdb.DuckDBPyConnection,
    entry: Entry,
    tables: int,
    rows: int,
    outcome: str = "done",
    reason: str | None = None,
) -> None:
    """One row of the audit log; it names the person by keyed hash only."""
    connection.execute(TABLES)
    connection.execute(
        "insert into privacy.operations_log values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            entry.operation_id,
            entry.operation,
            entry.subject_hash,
            entry.started_at,
            now(),
            entry.is_dry_run,
            tables,
            rows,
            outcome,
            reason,
        ],
    )


def compact(database: Path) -> None:
    """Copy what is alive to a new file and put it in the old one's place, so that no byte of deleted rows is left.

    Views name the database they were made in, so the new file is filled under that name. It is encrypted if the old one is.
    """
    name = catalog_of(database)
    partial_folder = database.absolute().parent / f".{database.name}.compacting"
    partial_folder.mkdir(exist_ok=True)
    partial = partial_folder / database.name
    partial.unlink(missing_ok=True)
    try:
        with workspace(database) as connection:
            attach_any(connection, database, "before_compaction", read_only=True)
            (attach if is_encrypted(database) else attach_any)(connection, partial, name)
            _copy(connection, name)
        partial.replace(database)
        database.with_name(database.name + ".wal").unlink(missing_ok=True)
    finally:
        partial.unlink(missing_ok=True)
        partial.with_name(partial.name + ".wal").unlink(missing_ok=True)
        partial_folder.rmdir()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _copy(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Schemas, tables and views of database before_compaction into the one of that name."""
    connection.execute("set preserve_insertion_order = true")
    target = _quoted(name)
    of_source = "database_name = 'before_compaction' and not internal"
    for (schema,) in connection.execute(
        "select distinct schema_name from duckdb_schemas() where database_name = 'before_compaction' order by all"
    ).fetchall():
        if schema not in ("main", "information_schema", "pg_catalog"):
            connection.execute(f"create schema {target}.{_quoted(schema)}")
    connection.execute(f"use {target}")
    tables = connection.execute(
        f"select schema_name, table_name, sql from duckdb_tables() where {of_source} order by all"
    ).fetchall()
    for schema, table, statement in tables:
        connection.execute(statement)
        full_name = f"{_quoted(schema)}.{_quoted(table)}"
        connection.execute(f"insert into {target}.{full_name} select * from before_compaction.{full_name}")
    views = [
        statement
        for (statement,) in connection.execute(
            f"select sql from duckdb_views() where {of_source} order by all"
        ).fetchall()
    ]
    # A view may read another: those that cannot be made yet wait for the next round.
    while views:
        waiting = []
        problem: duckdb.Error | None = None
        for statement in views:
            try:
                connection.execute(statement)
            except duckdb.CatalogException as refused:
                waiting.append(statement)
                problem = refused
        if len(waiting) == len(views):
            raise RuntimeError(f"{len(waiting)} views read tables that are not there; run a build first.") from problem
        views = waiting
    connection.execute("use memory")
    connection.execute(f"detach {target}")
