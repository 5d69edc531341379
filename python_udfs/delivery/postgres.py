"""Publish activation tables to Postgres: rows that differ are written, rows that are gone are deleted, nothing else is touched.

What is there is compared by key, hash and time, not remembered, so that rows that are missing, superfluous or half written are put
right by the next run; a single value that somebody changes by hand is seen when its row changes. A column that the source had and has
no more is emptied; columns that others added are theirs. Each table is one transaction: a reader sees the copy before or after, and a
killed run leaves it as it was.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import duckdb
import psycopg
from psycopg import sql

from python_udfs.delivery.files import KEY, DeliveryError, destinations

BLOCK_BYTES = 1024 * 1024
UNNAMED_CSV = "format csv, header false, use_tmp_file false"
TYPES = {
    "VARCHAR": sql.SQL("text"),
    "BOOLEAN": sql.SQL("boolean"),
    "INTEGER": sql.SQL("integer"),
    "BIGINT": sql.SQL("bigint"),
    "DOUBLE": sql.SQL("double precision"),
    "DATE": sql.SQL("date"),
    "TIMESTAMP": sql.SQL("timestamp"),
}

# In the comment of every column that this module fills.
MARK = "Published by Kindred."
# How Postgres itself writes types whose names have blanks.
_LONG_NAMES = {"double precision": "double precision", "timestamp": "timestamp without time zone"}


@dataclass(frozen=True)
class Published:
    """Rows of one table that were written and deleted."""

    table: str
    written: int
    deleted: int


def postgres_type(table: str, column: str, duckdb_type: str) -> sql.Composable:
    """The type of a column in Postgres, as a part of a statement.

    Raises:
        DeliveryError: activation tables do not have such a type.
    """
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", duckdb_type)
    if decimal:
        precision, scale = (sql.Literal(int(digits)) for digits in decimal.groups())
        return sql.SQL("numeric({}, {})").format(precision, scale)
    if duckdb_type not in TYPES:
        raise DeliveryError(f"{table}.{column} has type {duckdb_type}, which has no counterpart; cast it in the model.")
    return TYPES[duckdb_type]


def _path(file: BinaryIO) -> str:
    """The path by which the engine opens a file that no folder lists.

    What is sent is personal data. Such a file is gone when the process ends, however it ends.
    """
    return f"/dev/fd/{file.fileno()}"


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(BLOCK_BYTES):
        yield block


def _prepare(cursor: psycopg.Cursor[Any], schema: str, table: str, columns: dict[str, sql.Composable]) -> None:
    """Make the table, add the columns it lacks, give the others the type they have now, and empty what the source holds no more.

    Raises:
        DeliveryError: something else has the name, or a column cannot be given its type, or not be emptied.
    """
    cursor.execute("select 1 from pg_namespace where nspname = %s", (schema,))
    if cursor.fetchone() is None:
        # Not "if not exists", which asks for the right to make schemas even where there is nothing to make.
        cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    name = sql.Identifier(schema, table)
    cursor.execute(sql.SQL("create table if not exists {} ({} text primary key)").format(name, sql.Identifier(KEY)))
    cursor.execute(
        "select count(*) from pg_class join pg_index on indrelid = pg_class.oid join pg_attribute on attrelid = indrelid"
        " where pg_class.oid = format('%%I.%%I', %s::text, %s::text)::regclass and relkind in ('r', 'p') and indisunique"
        " and indpred is null and indnkeyatts = 1 and attnum = indkey[0] and attname = %s",
        (schema, table, KEY),
    )
    if cursor.fetchone() == (0,):
        raise DeliveryError(
            f"{schema}.{table} is in Postgres already, and is no table with {KEY} as its key. Rename or drop it there; "
            "the next run makes its own."
        )
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod), coalesce(col_description(attrelid, attnum), '') from pg_attribute"
        " where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and attnum > 0 and not attisdropped",
        (schema, table),
    )
    rows = cursor.fetchall()
    present = {column: kind for column, kind, _ in rows}
    comments = {column: comment for column, _, comment in rows}
    for column, kind in columns.items():
        if column not in present:
            addition = sql.SQL("alter table {} add column {} {}")
            cursor.execute(addition.format(name, sql.Identifier(column), kind))
        elif present[column] != _LONG_NAMES.get(kind.as_string(cursor), kind.as_string(cursor).replace(" ", "")):
            change = sql.SQL("alter table {0} alter column {1} type {2} using {1}::text::{2}")
            try:
                cursor.execute(change.format(name, sql.Identifier(column), kind))
            except psycopg.Error as problem:
                raise DeliveryError(
                    f"{schema}.{table}.{column} in Postgres is {present[column]}, which cannot become {kind.as_string(cursor)} "
                    f"({type(problem).__name__}). Drop the table there; the next run writes it anew."
                ) from problem
    for column in columns:
        comment = comments.get(column, "")
        if MARK not in comment:
            marked = sql.SQL("comment on column {}.{} is {}")
            text = sql.Literal(f"{comment} {MARK}".strip())
            cursor.execute(marked.format(name, sql.Identifier(column), text))
    for column in sorted(set(present) - set(columns)):
        if MARK in comments[column]:
            emptied = sql.SQL("update {0} set {1} = null where {1} is not null")
            try:
                cursor.execute(emptied.format(name, sql.Identifier(column)))
            except psycopg.errors.IntegrityError as problem:
                raise DeliveryError(
                    f"{schema}.{table}.{column} in Postgres cannot be emptied ({type(problem).__name__}): drop the column there, "
                    "or what keeps it from being null."
                ) from problem


def publish_table(
    source: duckdb.DuckDBPyConnection, target: psycopg.Connection[Any], schema: str, table: str
) -> Published:
    """Bring one table of Postgres to what the source holds, in one transaction."""
    described = source.execute(f"describe activation.{table}").fetchall()
    columns = {row[0]: postgres_type(table, row[0], row[1]) for row in described}
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    name = sql.Identifier(schema, table)
    # No text in Postgres can hold the zero character, and one name with it would keep everybody from being told.
    values = ", ".join(
        f"replace(here.\"{row[0]}\", chr(0), '')" if row[1] == "VARCHAR" else f'here."{row[0]}"' for row in described
    )
    with (
        tempfile.TemporaryFile() as there,
        tempfile.TemporaryFile() as different,
        tempfile.TemporaryFile() as gone,
        target.transaction(),
        target.cursor() as cursor,
    ):
        # What is sent and read is UTF-8 and has ISO times, whatever the database or the role is set to.
        cursor.execute("set local client_encoding to 'UTF8'")
        cursor.execute("set local datestyle to 'ISO, YMD'")
        # Two runs at once would both find the same differences.
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", (f"{schema}.{table}",))
        _prepare(cursor, schema, table, columns)
        query = sql.SQL("copy (select {key}, row_hash, updated_at from {name}) to stdout (format csv)")
        with cursor.copy(query.format(key=sql.Identifier(KEY), name=name)) as copy:
            for block in copy:
                there.write(block)
        there.flush()
        source.execute(
            "create or replace temp table there as select * from read_csv(?, header = false, auto_detect = false,"
            " delim = ',', quote = '\"', escape = '\"',"
            f" columns = {{'{KEY}': 'VARCHAR', 'row_hash': 'VARCHAR', 'updated_at': 'TIMESTAMP'}})",
            [_path(there)],
        )
        written = _count(
            source,
            f"copy (select {values} from activation.{table} as here left join there using ({KEY})"
            " where there.row_hash is distinct from here.row_hash or there.updated_at is distinct from here.updated_at)"
            f" to '{_path(different)}' ({UNNAMED_CSV})",
        )
        deleted = _count(
            source,
            f"copy (select {KEY} from there anti join activation.{table} as here using ({KEY}))"
            f" to '{_path(gone)}' ({UNNAMED_CSV})",
        )
        if written:
            # Not "like": columns of others have no part in it.
            same = sql.SQL("create temp table arrived on commit drop as select {} from {} with no data")
            cursor.execute(same.format(names, name))
            with cursor.copy(sql.SQL("copy arrived ({}) from stdin (format csv)").format(names)) as copy:
                for block in _blocks(different):
                    copy.write(block)
            news = [column for column in columns if column != KEY]
            updates = [sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in news]
            cursor.execute(
                sql.SQL("insert into {} ({}) select {} from arrived on conflict ({}) do update set {}").format(
                    name, names, names, sql.Identifier(KEY), sql.SQL(", ").join(updates)
                )
            )
            cursor.execute("drop table arrived")
        if deleted:
            cursor.execute(sql.SQL("create temp table gone ({} text) on commit drop").format(sql.Identifier(KEY)))
            with cursor.copy("copy gone from stdin (format csv)") as copy:
                for block in _blocks(gone):
                    copy.write(block)
            matched = sql.SQL("delete from {0} using gone where {0}.{1} = gone.{1}")
            cursor.execute(matched.format(name, sql.Identifier(KEY)))
            cursor.execute("drop table gone")
    return Published(table, written, deleted)


def _count(source: duckdb.DuckDBPyConnection, statement: str) -> int:
    return int(source.execute(statement).fetchall()[0][0])


def publish(source: duckdb.DuckDBPyConnection, conninfo: str, schema: str) -> list[Published]:
    """Publish `_current` and `_state` of every destination. `conninfo` is a libpq connection string."""
    try:
        target = psycopg.connect(conninfo, autocommit=True)
    except psycopg.ProgrammingError:
        # What is wrong is not quoted: it may hold the password.
        raise DeliveryError(
            "KINDRED_POSTGRES is no connection string; write host=... user=... dbname=... or postgresql://user@host/dbname."
        ) from None
    except psycopg.OperationalError as error:
        raise DeliveryError(f"Postgres cannot be reached: {error}. Check KINDRED_POSTGRES.") from error
    published = []
    with target:
        for table in (f"activation_{name}_{kind}" for name in destinations(source) for kind in ("current", "state")):
            try:
                published.append(publish_table(source, target, schema, table))
            except psycopg.Error as error:
                error.add_note(f"{schema}.{table}")
                raise
    return published
