"""Count, read and delete the rows of a person in every table of the database and every raw file. One statement a table."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from python_udfs.privacy.inventory import Table, is_lookup, quote, raw_table_of_file
from python_udfs.privacy.raw_files import columns_of, files_of, literal, matching_rows, readable
from python_udfs.privacy.screen import Screening, rewrite_raw, screening_folder
from python_udfs.privacy.search import read_rows_of, relations, schemas_with_queries
from python_udfs.privacy.subject import Subject, free_text_pattern, has_table, load_values, row_condition

Progress = Callable[[str], None]
# Where text of many people is collected to be looked up; elsewhere a table without a person's key holds aggregates.
_DICTIONARY_SCHEMAS = ("staging", "identity")
_DICTIONARIES = ("intermediate.consent_strings",)
_PUBLIC_SCHEMAS = ("reference",)
_SHORTEST_TEXT = 3
_AT_A_TIME = 3
# What stands for the customer where only the key of a row is left, for a destination to delete by.
ERASED = "erased"


@dataclass(frozen=True)
class Hit:
    """Rows of a person in one table (or raw file)."""

    name: str
    rows: int


def quiet(_: str) -> None:
    """Progress for nobody."""


def searched(tables: list[Table]) -> list[Table]:
    """Tables that can hold rows of a person."""
    return [table for table in tables if table.schema not in _PUBLIC_SCHEMAS]


def count_rows(
    connection: duckdb.DuckDBPyConnection, tables: list[Table], subject: Subject, tell: Progress = quiet
) -> list[Hit]:
    """How many rows of each table are the person's; tables without any are left out."""
    load_values(connection, subject)
    hits = []
    for table in searched(tables):
        condition = row_condition(table, subject)
        if condition:
            tell(table.full_name)
            ((rows,),) = connection.execute(f"select count(*) from {table.full_name} where {condition}").fetchall()
            if rows:
                hits.append(Hit(f"{table.schema}.{table.name}", int(rows)))
    return hits


def read_rows(
    connection: duckdb.DuckDBPyConnection, tables: list[Table], subject: Subject, tell: Progress = quiet
) -> dict[str, list[dict[str, Any]]]:
    """The person's rows of each table as dictionaries; tables without any are left out."""
    ((database,),) = connection.execute("select current_database()").fetchall()
    everywhere = searched(tables)
    sources = relations(connection, everywhere)
    # What takes longest comes first, so that nobody has to wait for it alone in the end.
    everywhere = sorted(everywhere, key=lambda table: -sources[table.full_name].rows)
    ours = threading.local()
    opened: list[duckdb.DuckDBPyConnection] = []

    def prepare() -> None:
        ours.connection = connection.cursor()
        opened.append(ours.connection)
        ours.connection.execute(f"use {quote(database)}")
        ours.connection.execute("set TimeZone = 'UTC'")
        load_values(ours.connection, subject)

    def read(table: Table) -> list[dict[str, Any]]:
        tell(table.full_name)
        return read_rows_of(ours.connection, table, subject, sources[table.full_name])

    # Several at a time: what one query has to do by itself, as to be planned, goes on beside the scan of another.
    try:
        with ThreadPoolExecutor(_AT_A_TIME, initializer=prepare) as workers:
            found = zip(everywhere, workers.map(read, everywhere), strict=True)
            return {f"{table.schema}.{table.name}": rows for table, rows in found if rows}
    finally:
        # One that stays open would keep the file from being opened for writing.
        for cursor in opened:
            cursor.close()


def delete_rows(
    connection: duckdb.DuckDBPyConnection,
    tables: list[Table],
    subject: Subject,
    raw: Path | None,
    landed: Path,
    tell: Progress = quiet,
) -> list[Hit]:
    """Delete the person's rows: raw files first, then every table in one transaction, then what dictionaries kept of them."""
    load_values(connection, subject)
    everywhere = searched(tables)
    connection.execute("create or replace temp table gone_texts (value varchar)")
    # A condition on every text column is dear, so each table is searched once and its rows are remembered by position.
    own: list[tuple[Table, list[int]]] = []
    for table in everywhere:
        condition = row_condition(table, subject)
        if condition and not is_view(connection, table):
            tell(table.full_name)
            query = f"select rowid from {table.full_name} where {condition}"
            positions = [int(position) for (position,) in connection.execute(query).fetchall()]
            if positions:
                own.append((table, positions))
                # A row of a dictionary goes by its own values; what else stands in it, as the edition of the rules, is everybody's.
                if not is_lookup(table):
                    _collect_texts(connection, table, table.full_name, "rowid", positions)
    hits = _delete_raw(connection, everywhere, subject, raw, landed, tell)
    connection.execute("begin transaction")
    try:
        for table, positions in own:
            _remember(connection, positions)
            own_rows = "rowid in (select position from own_rows)"
            if is_followed(table):
                hits += _leave_tombstones(connection, table, own_rows)
            else:
                hits += _delete(connection, table, own_rows)
        tell("what only this person had in dictionaries")
        hits += _clean_dictionaries(connection, everywhere)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return hits


def is_view(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """True for a raw table that is read from files; False for one that a connector writes into the database."""
    return (
        table.is_raw
        and not connection.execute(
            "select count(*) from duckdb_tables() where database_name = current_database() and schema_name = ? and table_name = ?",
            [table.schema, table.name],
        ).fetchall()[0][0]
    )


def _delete(connection: duckdb.DuckDBPyConnection, table: Table, condition: str) -> list[Hit]:
    ((rows,),) = connection.execute(f"delete from {table.full_name} where {condition}").fetchall()
    return [Hit(f"{table.schema}.{table.name}", int(rows))] if rows else []


def is_followed(table: Table) -> bool:
    """True for tables of activation that tell destinations what to delete."""
    return table.schema == "activation" and table.name.endswith("_state")


def _leave_tombstones(connection: duckdb.DuckDBPyConnection, table: Table, condition: str) -> list[Hit]:
    """Leave of the rows the key that the destination knows them by, marked as deleted, and nothing that names anybody.

    The time of the change is later than every other in the table, as the model that fills it has it.
    """
    columns = [
        str(name)
        for name, _ in connection.execute(
            "select column_name, data_type from information_schema.columns where table_catalog = current_database()"
            " and table_schema = ? and table_name = ?",
            [table.schema, table.name],
        ).fetchall()
    ]
    kept = {
        "activation_id": "activation_id",
        "customer_id": f"'{ERASED}'",
        "is_deleted": "true",
        "exit_reason": "'erased'",
        "row_hash": "md5(activation_id || '|forgotten')",
        "entered_at": "entered_at",
        "exited_at": "current_localtimestamp()",
        "updated_at": f"(select max(updated_at) + interval 1 second from {table.full_name})",
    }
    changes = ", ".join(f"{quote(name)} = {kept.get(name, 'null')}" for name in columns if name != "activation_id")
    query = f"update {table.full_name} set {changes} where {condition} and customer_id <> '{ERASED}'"
    ((rows,),) = connection.execute(query).fetchall()
    return [Hit(f"{table.schema}.{table.name}", int(rows))] if rows else []


def _texts_of(table: Table) -> str | None:
    """An expression that gives all texts of a row as one list; None when the table has no text."""
    if not table.text_columns and not table.list_columns:
        return None
    lists = [f"coalesce({quote(column)}, [])" for column in table.list_columns]
    return " || ".join([f"[{', '.join(map(quote, table.text_columns))}]", *lists])


def _remember(connection: duckdb.DuckDBPyConnection, positions: list[int]) -> None:
    connection.execute("create or replace temp table own_rows (position bigint)")
    connection.execute("insert into own_rows select unnest($1)", [positions])


def _collect_texts(
    connection: duckdb.DuckDBPyConnection, table: Table, relation: str, position: str, positions: list[int]
) -> None:
    """Keep all texts of some rows of a relation that has the columns of `table`."""
    texts = _texts_of(table)
    if texts:
        _remember(connection, positions)
        connection.execute(
            f"insert into gone_texts select value from (select distinct unnest({texts}) as value from {relation}"
            f" where {position} in (select position from own_rows)) where length(value) >= {_SHORTEST_TEXT}"
        )


def _clean_dictionaries(connection: duckdb.DuckDBPyConnection, tables: list[Table]) -> list[Hit]:
    """Remove from dictionaries and value counts the texts that no row of anybody has any more."""
    staged = {"raw_tables"}
    if has_table(connection, "governance", "raw_tables"):
        staged = {name for (name,) in connection.execute("select staging_model from governance.raw_tables").fetchall()}
    dictionaries = [
        table
        for table in tables
        if is_lookup(table)
        and (table.schema in _DICTIONARY_SCHEMAS or f"{table.schema}.{table.name}" in _DICTIONARIES)
        and table.name not in staged
    ]
    for table in tables:
        texts = _texts_of(table)
        if table not in dictionaries and texts:
            connection.execute(
                f"delete from gone_texts where value in (select unnest({texts}) as value from {table.full_name})"
            )
    hits = []
    for table in dictionaries:
        conditions = [
            f"coalesce({quote(column)} in (select value from gone_texts), false)" for column in table.text_columns
        ]
        if conditions:
            hits += _delete(connection, table, " or ".join(conditions))
    return hits


def _delete_raw(
    connection: duckdb.DuckDBPyConnection,
    tables: list[Table],
    subject: Subject,
    raw: Path | None,
    landed: Path,
    tell: Progress,
) -> list[Hit]:
    hits = []
    is_theirs = holds_any_of(subject)
    screening = Screening(screening_folder(landed))
    for table in tables:
        if raw is None or not table.is_raw:
            continue
        for path in files_of(raw, table.source, table.raw_name):
            parquet = readable(path, landed)
            in_file = raw_table_of_file(table, columns_of(connection, parquet))
            condition = row_condition(in_file, subject)
            positions = matching_rows(connection, parquet, condition) if condition else []
            if positions:
                relation = f"read_parquet({literal(parquet)}, file_row_number = true)"
                _collect_texts(connection, in_file, relation, "file_row_number", positions)
            if positions or path.suffix.lower() == ".csv":
                tell(f"{table.source}/{path.name}")
                rewrite_raw(connection, screening, path, landed, positions, is_theirs)
            if positions:
                hits.append(Hit(f"{table.source}/{path.name}", len(positions)))
        follow_converted(connection, table, raw, landed)
    screening.save()
    return hits


def holds_any_of(subject: Subject) -> Callable[[str], bool]:
    """Tells whether a contact point or record id of the person stands in a text, in capitals or not, and not as a part of another."""
    pattern = re.compile(free_text_pattern(subject) or "(?!)", re.IGNORECASE)
    return lambda text: bool(pattern.search(text))


# What a view of raw files leaves out by position, as the engine writes the view and as its numbered query is kept.
_LEFT_OUT = re.compile(r"""(select "?position"? from read_parquet\()'(?:[^']|'')*'""", re.IGNORECASE)


def follow_converted(
    connection: duckdb.DuckDBPyConnection, table: Table, raw: Path, landed: Path, nothing: Path | None = None
) -> None:
    """Let the view of a raw table read what its CSV files are converted to now: one that is written anew is converted under a new name.

    nothing: a file of no positions, where files were put in the place of those that the view leaves out rows of: it shows all of theirs.
    """
    converted = [
        (path.stem.replace("'", "''"), readable(path, landed).name.replace("'", "''"))
        for path in files_of(raw, table.source, table.raw_name)
        if path.suffix.lower() == ".csv"
    ]
    if not (converted or nothing) or not is_view(connection, table):
        return
    ((view,),) = connection.execute(
        "select sql from duckdb_views() where database_name = current_database() and schema_name = ? and view_name = ?",
        [table.schema, table.name],
    ).fetchall()

    def renamed(query: str) -> str:
        for stem, name in converted:
            query = re.sub(rf"(?<=/){re.escape(stem)}-[0-9a-f]{{16}}\.parquet", name.replace("\\", r"\\"), query)
        return _LEFT_OUT.sub(lambda found: found[1] + literal(nothing), query) if nothing else query

    if renamed(view) == view:
        return
    # A view whose files lie elsewhere now can be made by no one but the next build; until then it shows nobody.
    with suppress(duckdb.IOException):
        connection.execute(renamed(view).replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    own = "source_name = ? and table_name = ?"
    for schema in schemas_with_queries(connection):
        queries = connection.execute(
            f"select numbered_query from {quote(schema)}.raw_files where numbered_query is not null and {own}",
            [table.source, table.raw_name],
        ).fetchall()
        for (query,) in queries:
            connection.execute(
                f"update {quote(schema)}.raw_files set numbered_query = ? where {own}",
                [renamed(query), table.source, table.raw_name],
            )
