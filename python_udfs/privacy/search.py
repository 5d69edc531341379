"""Find the rows of one person fast: one scan of a table for each column that can name them, each with a condition the engine can skip by.

A condition on many columns at once makes the engine read and compare every value of all of them. A condition on one column is compared
while it is read: blocks whose smallest and largest value lie apart are not read, values of a dictionary are compared once, and the other
columns are read for the rows found only. What the catalogue says of a column's texts (how long they are) tells where nothing can stand.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import duckdb

from python_udfs.privacy.inventory import CONTACT_KINDS, DISTINCTIVE_LENGTH, Table, quote
from python_udfs.privacy.subject import (
    IDENTIFIER_KINDS,
    Subject,
    free_text_pattern,
    is_distinctive,
    row_condition,
    text_literal,
    typed_expression,
)

# A smaller table is read whole: planning many scans would take longer.
SMALL = 20_000
# Amid other words, so many texts are looked for one by one before the pattern is; beyond that the pattern alone is faster.
_MOST_HINTS = 8
Lengths = dict[str, tuple[int, int]]


def text_lengths(connection: duckdb.DuckDBPyConnection, table: Table) -> Lengths:
    """Shortest and longest text of each text column of a built table, from the catalogue; columns it does not know are left out.

    These are bounds: rows that were deleted may have had the shortest or longest text.
    """
    if table.is_raw or not table.text_columns:
        return {}
    listed = ", ".join(f"stats({quote(column)})" for column in table.text_columns)
    rows = connection.execute(f"select {listed} from {table.full_name} limit 1").fetchall()
    lengths: Lengths = {}
    for column, known in zip(table.text_columns, rows[0] if rows else (), strict=False):
        if isinstance(known, dict) and isinstance(known.get("max_string_length"), int):
            lengths[column] = (int(known.get("min_string_length") or 0), int(known["max_string_length"]))
    return lengths


def searches(table: Table, subject: Subject, lengths: Lengths) -> list[str]:
    """A condition for each column in which something of the person can stand: as its value, or amid other words."""
    distinctive = sorted({value for kind, value in subject.all_values() if is_distinctive(kind, value)})
    found = []
    # What a column is compared with, whatever the reason: it is read once.
    wanted: dict[str, set[str]] = {}
    for column in table.text_columns:
        shortest, longest = lengths.get(column, (0, 2**31))
        wanted[quote(column)] = {value for value in distinctive if shortest <= len(value.encode()) <= longest}
    for expression, kind in table.matches:
        values = subject.values.get(kind, set()) | subject.spellings.get(kind, set())
        if expression in table.integers:
            numbers = sorted(text for text in values if text.isdigit() and int(text) < 2**63)
            found += [f"{expression} in ({', '.join(numbers)})"] if numbers else []
        else:
            wanted.setdefault(expression, set()).update(values)
    pairs = [
        (kind, value) for kind, value in subject.all_values() if "." not in kind or kind in IDENTIFIER_KINDS.values()
    ]
    for type_column, column in table.typed_matches if pairs else ():
        value = quote(column) if column in table.text_columns else f"cast({quote(column)} as varchar)"
        own = wanted.pop(value, set())
        # The value alone is compared while it is read; its kind, which has to be computed, for the few rows that are left.
        of_kind = _listed(typed_expression(type_column, column), {f"{kind} {text}" for kind, text in pairs})
        of_any = f"({_listed(value, own)} or {of_kind})" if own else of_kind
        found.append(f"({_listed(value, own | {text for _, text in pairs})} and {of_any})")
    found += [_listed(expression, values) for expression, values in wanted.items() if values]
    pattern = free_text_pattern(subject)
    for column in table.free_text_columns if pattern else ():
        if lengths.get(column, (0, 2**31))[1] >= DISTINCTIVE_LENGTH:
            matches = f"regexp_matches({quote(column)}, {text_literal(pattern)}, 'i')"
            hints = _hints(quote(column), subject)
            found.append(f"(({' or '.join(hints)}) and {matches})" if hints else matches)
    return found


def _listed(expression: str, values: set[str]) -> str:
    return f"{expression} in ({', '.join(map(text_literal, sorted(values)))})"


def _common_ending(texts: list[str]) -> str:
    """What all of some texts end with."""
    columns = zip(*(reversed(text) for text in texts), strict=False)
    return "".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))[::-1]


def _hints(column: str, subject: Subject) -> list[str]:
    """Conditions of which every text that the pattern finds fulfils one, and which cost little; none where they would be too many."""
    hints = {f"{column} like '%:%:%'"} if subject.values.get("record_id") else set()
    endings: dict[str, list[str]] = {}
    for kind, value in subject.all_values():
        if kind not in CONTACT_KINDS or len(value) < DISTINCTIVE_LENGTH:
            continue
        if "@" in value:
            hints.add(f"contains({column}, '@')")
        elif kind == "phone" and value.upper() == value.lower():
            endings.setdefault(value[-2:], []).append(value)
        else:
            # Upper and lower case count alike in the pattern.
            hints.add(f"contains(lower({column}), {text_literal(value.lower())})")
    # However its groups are divided, all spellings of a number end alike.
    hints |= {f"contains({column}, {text_literal(_common_ending(group))})" for group in endings.values()}
    return sorted(hints) if len(hints) <= _MOST_HINTS else []


def read_rows_of(connection: duckdb.DuckDBPyConnection, table: Table, subject: Subject) -> list[dict[str, Any]]:
    """The person's rows of one table, each once. Temporary table subject_values has to be there (`load_values`).

    First the rows are found, column by column, then read.
    """
    condition = row_condition(table, subject)
    if condition is None:
        return []
    if row_count(connection, table) >= SMALL:
        condition = _found(connection, table, searches(table, subject, text_lengths(connection, table)))
    if not condition:
        return []
    rows = connection.sql(f"select * from {table.full_name} where {condition}").to_arrow_table().to_pylist()
    return list(rows)


def _found(connection: duckdb.DuckDBPyConnection, table: Table, conditions: list[str]) -> str:
    """A condition for the rows that any of some conditions finds; empty when there are none."""
    if not conditions:
        return ""
    if not table.is_raw:
        query = " union ".join(f"select rowid from {table.full_name} where {search}" for search in conditions)
        positions = [str(int(position)) for (position,) in connection.execute(query).fetchall()]
        return f"rowid in ({', '.join(positions)})" if positions else ""
    # A raw table is a view of files, whose rows have no number: the searches that find something are what is asked again.
    counts = ", ".join(f"(select count(*) from {table.full_name} where {search})" for search in conditions)
    ((*found,),) = connection.execute(f"select {counts}").fetchall()
    return " or ".join(search for search, count in zip(conditions, found, strict=True) if count)


def row_count(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Rows of a table, as the catalogue or the feet of its Parquet files have it."""
    ((rows,),) = connection.execute(f"select count(*) from {table.full_name}").fetchall()
    return int(rows)
