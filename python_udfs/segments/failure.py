"""Which segment it was when a condition fails at the customers there are: the one statement that holds all conditions does not say."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from python_udfs.database import EncryptionError, connect
from python_udfs.segments.declarations import declared_at

# The model that holds all conditions in one statement.
SEGMENTS_MODEL = "int_segment_sets"
_REFERENCE = re.compile(r"{\s*ref:\s*(\w+)\s*}")


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Tables and views by name, with their schema, without masked views, which have the names of their marts."""
    rows = connection.execute(
        "select table_name, schema_name from duckdb_tables() where database_name = current_database()"
        " union all select view_name, schema_name from duckdb_views()"
        " where database_name = current_database() and not internal and not contains(sql, 'masking_key') order by all desc"
    ).fetchall()
    return {name: f'"{schema}"."{name}"' for name, schema in rows}


def _reason(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Why a query fails, in one line; an empty text where it does not."""
    try:
        connection.execute(query).fetchall()
    except duckdb.Error as problem:
        return str(problem).splitlines()[0].partition(" Error: ")[2].rstrip("!. ")
    return ""


def failing_segments(connection: duckdb.DuckDBPyConnection, folder: str) -> list[str]:
    """The segments whose condition fails at some customer, a sentence each.

    Args:
        connection: the database, with the declarations and customer_features as the last run left them.
        folder: folder of the project.

    Returns:
        Sentences that name the segment, its line and why; of segments that are made of one another the innermost alone.
    """
    tables = _tables(connection)
    conditions = dict(
        connection.execute("select segment_name, condition from intermediate.int_segment_declarations").fetchall()
    )
    failing = {}
    for name, condition in conditions.items():
        known = _REFERENCE.sub(lambda found: tables.get(found[1], found[1]), condition)
        counted = f"select count(case when {known} then 1 end) from {tables['customer_features']}"
        reason = _reason(connection, counted)
        if reason:
            failing[name] = reason
    sentences = []
    for name, reason in sorted(failing.items()):
        if any(other != name and conditions[other] in conditions[name] for other in failing):
            continue
        key = "sql" if _REFERENCE.search(conditions[name]) else "predicate"
        place = declared_at(name, key, folder)
        sentences.append(
            f"Segment '{name}'{f' ({place})' if place else ''} fails at one of the customers: {reason}. "
            "A text that says a day or a number is read by try_cast(x as date)."
        )
    return sentences


def failing_segments_of(database: Path, folder: str) -> str:
    """The same of a database file, a line each; an empty text where nothing can be said."""
    if not database.exists():
        return ""
    try:
        with connect(database) as connection:
            return "\n".join(failing_segments(connection, folder))
    except (duckdb.Error, EncryptionError, KeyError):
        return ""
