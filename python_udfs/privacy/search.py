"""Find the rows of one person fast: one scan of a table for each column that can name them, each with a condition the engine can skip by.

A condition on many columns at once makes the engine read and compare every value of all of them. A condition on one column is compared
while it is read: blocks whose smallest and largest value lie apart are not read, values of a dictionary are compared once. What a scan
finds is where the rows stand; all other columns are read there and nowhere else.

What the catalogue says of a column (how long its texts are, whether it has nulls) tells where nothing has to be looked for. A built table
whose every row names its customer (or, in staging and identity, its record) is searched by those names and amid words, but not in its other
columns: what stands there is of the one named. Nor is a raw table by what its rows refer to, where the ids of the person's rows are known.
Columns that are declared are searched for what they are declared to hold; all others for whatever is the person's alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import duckdb

from python_udfs.privacy.inventory import Table, quote
from python_udfs.privacy.subject import (
    Subject,
    free_text_pattern,
    free_text_values,
    identifiers,
    is_distinctive,
    is_whole_number,
    row_condition,
    text_literal,
    typed_expression,
)

# A smaller table is read whole: planning many scans would take longer.
SMALL = 20_000
# Amid other words, so many texts are looked for one by one before the pattern is; beyond that the pattern alone is faster.
_MOST_HINTS = 12
# Where there are so few different texts, each is looked into once.
_FEW_TEXTS = 200_000
# So many digits and signs in a row are rare enough to look for in place of the whole.
_DISTINCTIVE_RUN = 4
# What staging says of the origin of a signal begins with what it refers to.
_REFERENCES = ("signal_ref", "evidence_ref")
# Columns by which a row of a built table is one person's and nobody else's. Elsewhere there are records of accounts, too.
_SCHEMAS_OF_PEOPLE = ("staging", "identity")
_OWNERS = ("customer_id", "record_id")
_POSITION_IN_FILE = "file_row_number"


@dataclass(frozen=True)
class Known:
    """What the catalogue knows of a column of texts: bounds of their lengths in bytes, how the first and the last of them in the order of
    their bytes begin, about how many different ones there are, and whether there may be nulls.

    Rows that were deleted may have had any of these.
    """

    shortest: int = 0
    longest: int = 2**31
    first: bytes = b""
    last: bytes | None = None
    distinct: int = 2**31
    may_be_null: bool = True

    def fits(self, value: str) -> bool:
        """True when a text of the column may be the value."""
        text = value.encode()
        is_within = self.first <= text and (self.last is None or text[: len(self.last)] <= self.last)
        return is_within and self.shortest <= len(text) <= self.longest

    def may_begin(self, value: str) -> bool:
        """True when a text of the column may begin with the value."""
        text = value.encode()
        is_within = self.first[: len(text)] <= text and (self.last is None or text[: len(self.last)] <= self.last)
        return is_within and len(text) <= self.longest

    def holds(self, value: str) -> bool:
        """True when a text of the column may have the value in it."""
        return len(value.encode()) <= self.longest


@dataclass(frozen=True)
class Relation:
    """What the rows of a table are selected from. position: the column that tells where a row stands; None for a view that somebody
    else made. rows: about how many there are.
    """

    sql: str
    position: str | None
    rows: int


_NOTHING_KNOWN = Known()
Facts = dict[str, Known]


@dataclass(frozen=True)
class Search:
    """A condition on one column, which finds all of the person's rows that the column tells of, and few others.

    exact: a condition that is true for the person's rows alone, asked of the rows found. is_one_value: the column is compared with one
    value and nothing more.
    """

    condition: str
    exact: str
    is_one_value: bool = False


@dataclass(frozen=True)
class Catalogue:
    """What the database tells of a table without reading it."""

    connection: duckdb.DuckDBPyConnection
    table: Table

    def known(self, columns: Iterable[str]) -> Facts:
        """What is known of text columns of a built table, given as quoted names; those that nothing is known of are left out."""
        listed = list(dict.fromkeys(columns))
        if self.table.is_raw or not listed:
            return {}
        stats_of = ", ".join(f"stats({column})" for column in listed)
        rows = self.connection.execute(f"select {stats_of} from {self.table.full_name} limit 1").fetchall()
        known: Facts = {}
        for column, stats in zip(listed, rows[0] if rows else (), strict=False):
            if isinstance(stats, dict) and isinstance(stats.get("max_string_length"), int):
                known[column] = Known(
                    shortest=int(stats.get("min_string_length") or 0),
                    longest=int(stats["max_string_length"]),
                    first=_beginning(stats, "min") or b"",
                    last=_beginning(stats, "max"),
                    distinct=int(stats.get("approx_unique") or 2**31),
                    may_be_null=stats.get("has_null") is not False,
                )
        return known


def _beginning(stats: dict[str, Any], bound: str) -> bytes | None:
    """How the first or last text begins; None where it is told in another form: with escaped bytes, or cut amid a letter."""
    text = stats.get(bound)
    is_as_stored = isinstance(text, str) and text.isascii() and "\\" not in text and stats.get("has_unicode") is False
    return text.encode() if isinstance(text, str) and is_as_stored else None


def searches(subject: Subject, catalogue: Catalogue) -> list[Search]:
    """A search of each column in which something of the person can stand: as its value, or amid other words."""
    table = catalogue.table
    owners, facts = _owners(catalogue)
    if owners:
        of_owners = replace(table, matches=owners, typed_matches=())
        return _by_values(of_owners, subject, facts, with_texts=False) + _amid_words(table, subject, facts)
    keys = [expression for expression, _ in table.matches if expression.startswith('"')]
    facts = catalogue.known([*map(quote, table.text_columns), *keys])
    if table.is_raw and table.key is not None and table.key[1] in subject.followed:
        ids = tuple(match for match in table.matches if match[1] == table.key[1])
        of_ids = replace(table, matches=ids, typed_matches=())
        found = _by_values(of_ids, subject, facts)
        # The ids of the person's rows are known; a row without an id is found by what it refers to.
        references = [search.exact for search in _by_values(table, subject, facts, with_texts=False)]
        if references:
            without = f"{table.key[0]} is null"
            found.append(Search(without, f"({without} and ({' or '.join(references)}))"))
    else:
        found = _by_values(table, subject, facts)
    return found + _amid_words(table, subject, facts)


def _owners(catalogue: Catalogue) -> tuple[tuple[tuple[str, str], ...], Facts]:
    """The columns, with their kind, by which every row of a built table says whose it is, and what is known of them and of free text.

    None where some row does not say so.
    """
    table = catalogue.table
    names = _OWNERS if table.schema in _SCHEMAS_OF_PEOPLE else _OWNERS[:1]
    candidates = [(quote(name), name) for name in names if (quote(name), name) in table.matches and not table.is_raw]
    if not candidates:
        return (), {}
    facts = catalogue.known([*(column for column, _ in candidates), *map(quote, table.free_text_columns)])
    owner = next((kind for column, kind in candidates if not facts.get(column, _NOTHING_KNOWN).may_be_null), None)
    return tuple(match for match in table.matches if match[1] == owner), facts


def _by_values(table: Table, subject: Subject, facts: Facts, with_texts: bool = True) -> list[Search]:
    distinctive = sorted({value for kind, value in subject.all_values() if is_distinctive(kind, value)})
    found = []
    # What a column is compared with, whatever the reason: it is read once.
    wanted: dict[str, set[str]] = {}
    amid_words = table.free_text_columns
    for column in table.undeclared_text_columns if with_texts else ():
        wanted[quote(column)] = set() if column in amid_words else set(distinctive)
    for expression, kind in table.matches:
        values = subject.values.get(kind, set()) | subject.spellings.get(kind, set())
        if expression in table.integers:
            values = {text for text in values if is_whole_number(text)}
        wanted.setdefault(expression, set()).update(values)
    pairs = identifiers(subject)
    for type_column, column in table.typed_matches if pairs else ():
        value = table.as_text(column)
        own = wanted.pop(value, set())
        # The value alone is compared while it is read; its kind, which has to be computed, for the few rows that are left.
        of_kind = _listed(typed_expression(type_column, column), {f"{kind} {text}" for kind, text in pairs})
        check = f"({_listed(value, own)} or {of_kind})" if own else of_kind
        fitting = _fitting(value, own | {text for _, text in pairs}, facts)
        if fitting:
            condition = _listed(value, fitting)
            found.append(Search(condition, f"({condition} and {check})"))
    for expression, values in wanted.items():
        fitting = _fitting(expression, values, facts)
        if fitting:
            listed = _listed_numbers if expression in table.integers else _listed
            condition = listed(expression, fitting)
            found.append(Search(condition, condition, is_one_value=len(fitting) == 1))
    return found


def _fitting(expression: str, values: set[str], facts: Facts) -> set[str]:
    """Those of some values that an expression may have."""
    return {value for value in values if facts.get(expression, _NOTHING_KNOWN).fits(value)}


def _amid_words(table: Table, subject: Subject, facts: Facts) -> list[Search]:
    found = []
    for name in table.free_text_columns:
        column, known = quote(name), facts.get(quote(name), _NOTHING_KNOWN)
        if not table.is_raw and name.endswith(_REFERENCES):
            found += _by_references(column, subject, known)
            continue
        pattern = free_text_pattern(subject, known.holds)
        if not pattern:
            continue
        hints = _hints(column, subject, known.holds)
        matches = _amid(column, pattern)
        # What costs less than the pattern is looked for first.
        exact = condition = f"(({' or '.join(hints)}) and {matches})" if hints else matches
        if known.distinct <= _FEW_TEXTS:
            # What is asked of an aggregate is asked once a text; asked of the column, it would be asked of every row before.
            texts = f"select any_value({column}) as text from {table.full_name} group by {column}"
            condition = f"{column} in (select text from ({texts}) where {_amid('text', pattern)})"
        found.append(Search(condition, exact))
    return found


def _amid(expression: str, pattern: str) -> str:
    return f"regexp_matches({expression}, {text_literal(pattern)}, 'i')"


def _by_references(column: str, subject: Subject, known: Known) -> list[Search]:
    """What a reference begins with or is."""
    values = {value for _, value in free_text_values(subject, known.holds)}
    # What all ids of one kind begin with is compared first: most references do not even begin with that.
    of_kind: dict[str, list[str]] = {}
    for text in sorted(f"{value}:" for value in values):
        if known.may_begin(text):
            of_kind.setdefault(text.split(":")[0], []).append(text)
    conditions = [
        f"({_begins(column, _common_beginning(texts))} and ({' or '.join(_begins(column, text) for text in texts)}))"
        for texts in of_kind.values()
    ]
    if whole := set(filter(known.fits, values)):
        conditions.insert(0, _listed(column, whole))
    condition = f"({' or '.join(conditions)})"
    return [Search(condition, condition)] if conditions else []


def _begins(column: str, text: str) -> str:
    return f"prefix({column}, {text_literal(text)})"


def _listed(expression: str, values: set[str]) -> str:
    return f"{expression} in ({', '.join(map(text_literal, sorted(values)))})"


def _listed_numbers(expression: str, values: set[str]) -> str:
    return f"{expression} in ({', '.join(sorted(values))})"


def _common_beginning(texts: Iterable[str]) -> str:
    """What all of some texts begin with."""
    columns = zip(*texts, strict=False)
    return "".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))


def _hints(column: str, subject: Subject, holds: Callable[[str], bool]) -> list[str]:
    """Conditions of which every text that the pattern finds fulfils one, and which cost little; none where they would be too many."""
    hints: set[str] = set()
    endings: dict[str, list[str]] = {}
    for kind, value in free_text_values(subject, holds):
        if kind == "record_id":
            hints.add(f"{column} like '%:%:%'")
            continue
        # Upper and lower case count alike in the pattern; what has neither can be looked for without turning every text into one.
        caseless = max(re.split("[^0-9+:-]+", value), key=len)
        if "@" in value:
            hints.add(f"contains({column}, '@')")
        elif kind == "phone" and value.upper() == value.lower():
            endings.setdefault(value[-2:], []).append(value)
        elif len(caseless) >= _DISTINCTIVE_RUN:
            hints.add(f"contains({column}, {text_literal(caseless)})")
        else:
            hints.add(f"contains(lower({column}), {text_literal(value.lower())})")
    # However its groups are divided, all spellings of a number end alike.
    hints |= {
        f"contains({column}, {text_literal(_common_beginning(text[::-1] for text in group)[::-1])})"
        for group in endings.values()
    }
    return sorted(hints) if len(hints) <= _MOST_HINTS else []


def read_rows_of(
    connection: duckdb.DuckDBPyConnection, table: Table, subject: Subject, relation: Relation
) -> list[dict[str, Any]]:
    """The person's rows of one table, each once. Temporary table subject_values has to be there (`load_values`).

    First the rows are found, column by column, then read.
    """
    if relation.rows == 0:
        return []
    if relation.rows < SMALL or relation.position is None:
        condition = row_condition(table, subject)
    else:
        condition = _found(connection, relation, searches(subject, Catalogue(connection, table)))
    if not condition:
        return []
    hidden = f"exclude ({relation.position})" if relation.position == _POSITION_IN_FILE else ""
    query = f"select * {hidden} from {relation.sql} where {condition}"
    return list(connection.sql(query).to_arrow_table().to_pylist())


def _found(connection: duckdb.DuckDBPyConnection, relation: Relation, wanted: list[Search]) -> str | None:
    """A condition that finds what any of some searches finds, at less cost; None where they find nothing."""
    if len(wanted) == 1 and wanted[0].is_one_value:
        # The other columns are read for the rows found only.
        return wanted[0].exact
    query = " union ".join(f"select {relation.position} from {relation.sql} where {each.condition}" for each in wanted)
    positions = [str(int(position)) for (position,) in connection.execute(query).fetchall()] if wanted else []
    # Joined, not listed: the engine then reads the blocks that hold them and no others. Rows of several files may stand at one position.
    rows = f"{relation.position} in (select unnest([{', '.join(positions)}]))"
    return f"{rows} and ({' or '.join(search.exact for search in wanted)})" if positions else None


def relations(connection: duckdb.DuckDBPyConnection, tables: list[Table]) -> dict[str, Relation]:
    """What the rows of each table are read from, by full name: tables from themselves, views of raw files from the files.

    How many rows there are is told by the catalogue or by the feet of Parquet files; deleted rows may be among them.
    """
    sizes = {
        f"{quote(schema)}.{quote(name)}": int(size)
        for schema, name, size in connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables() where database_name = current_database()"
        ).fetchall()
    }
    queries = _queries_of_files(connection)
    found = {}
    for table in tables:
        if table.full_name in sizes:
            found[table.full_name] = Relation(table.full_name, "rowid", sizes[table.full_name])
            continue
        ((rows,),) = connection.execute(f"select count(*) from {table.full_name}").fetchall()
        query = queries.get((table.source, table.raw_name))
        in_files = Relation(f"({query})", _POSITION_IN_FILE, int(rows))
        found[table.full_name] = in_files if query else Relation(table.full_name, None, int(rows))
    return found


def schemas_with_queries(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Schemas in which the last command of dbt left what selects the rows of raw files with their positions."""
    found = connection.execute(
        "select schema_name from duckdb_columns() where database_name = current_database() and table_name = 'raw_files'"
        " and column_name = 'numbered_query'"
    ).fetchall()
    return [str(schema) for (schema,) in found]


def _queries_of_files(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """What selects the rows of raw files with their positions, by source and table."""
    return {
        (source, name): query
        for schema in schemas_with_queries(connection)
        for source, name, query in connection.execute(
            f"select source_name, table_name, numbered_query from {quote(schema)}.raw_files where numbered_query is not null"
        ).fetchall()
    }
