"""Which tables hold data on a person, and by which columns: read from the database's catalogue and the declarations.

No list of tables is kept. A raw table's columns come from its contract and `key_columns.yml`, those of a built table from
their names; every other text column is searched for the person's own identifiers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from python_udfs.raw.casts import salesforce_id_of

DECLARATIONS = Path(__file__).with_name("key_columns.yml")
# Kinds of values that say by themselves who is meant; they are looked for in every text column.
CONTACT_KINDS = ("email", "phone", "device")
# What is shorter is found in declared columns only: "42" stands for much.
DISTINCTIVE_LENGTH = 8
# What a column's name tells of text in which an identifier may stand amid other words; an id is nothing but itself.
_FREE_TEXT = re.compile(
    r"(?!.*_id$).*(note|comment|descri|subject|url|(?<!p)referr|(?<!con)text|body|raw_signal|signal_ref|evidence|message|detail|reason|path).*"
)
_LOOKS_LIKE_KEY = re.compile(r"(.*_)?(id|vid|uuid|email|phone|mobile|landline|card_number|customer_ref)", re.IGNORECASE)
INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UINTEGER", "UBIGINT", "HUGEINT"})
_INTERNAL_SCHEMAS = ("information_schema", "pg_catalog", "privacy")


@dataclass(frozen=True)
class Table:
    """A table or raw view, with what ties its rows to a person.

    matches: pairs of SQL expression (text) and kind. typed_matches: pairs of the column that names the kind of identifier and
    the column that holds it. key: the table's own id, expression and kind, which other tables refer to. integers: expressions
    that are whole numbers.
    """

    schema: str
    name: str
    is_raw: bool
    matches: tuple[tuple[str, str], ...]
    typed_matches: tuple[tuple[str, str], ...] = ()
    key: tuple[str, str] | None = None
    text_columns: tuple[str, ...] = ()
    list_columns: tuple[str, ...] = ()
    source: str = ""
    raw_name: str = ""
    contract: dict[str, Any] = field(default_factory=dict, compare=False)
    integers: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Schema and name, quoted."""
        return f"{quote(self.schema)}.{quote(self.name)}"

    def as_text(self, column: str) -> str:
        """A column as an expression of type text: itself where it is text, so that the engine can skip by it."""
        return quote(column) if column in self.text_columns else f"cast({quote(column)} as varchar)"

    @property
    def undeclared_text_columns(self) -> tuple[str, ...]:
        """Text columns of which neither the contract of a raw table nor the rules for built ones say what they hold."""
        if self.is_raw:
            declared = {str(column["name"]).lower() for column in self.contract.get("columns", [])}
            return tuple(column for column in self.text_columns if column.lower() not in declared)
        return tuple(column for column in self.text_columns if built_kind(column.lower()) != "none")

    @property
    def free_text_columns(self) -> tuple[str, ...]:
        """Columns in which an identifier may stand amid other words."""
        return tuple(column for column in self.text_columns if _FREE_TEXT.fullmatch(column.lower()))


def quote(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@cache
def declarations() -> dict[str, Any]:
    """The content of key_columns.yml."""
    loaded: dict[str, Any] = yaml.safe_load(DECLARATIONS.read_text(encoding="utf-8"))
    return loaded


@cache
def built_kind(column: str) -> str | None:
    """Kind of a built table's column by its name; None when no pattern fits."""
    for rule in declarations()["built"]:
        if re.fullmatch(rule["pattern"], column) and column != rule.get("except"):
            return str(rule["kind"])
    return None


def _text(column: str, type_name: str) -> str:
    """The column as it is where it can be compared directly, which lets the engine skip blocks of rows; else as text."""
    return quote(column) if type_name == "VARCHAR" or type_name in INTEGERS else f"cast({quote(column)} as varchar)"


def _within(column: str, kind: dict[str, str], types: dict[str, str]) -> str:
    """An id as staging writes it, with what it is unique within before it; alone where the table has no such column."""
    outer = next((name for name in types if name.lower() == kind["within"]), None)
    if outer is None:
        return _text(column, types[column])
    prefix = f"nullif(nullif(trim(cast({quote(outer)} as varchar)), ''), '{kind['unless']}') || ':'"
    return f"coalesce({prefix}, '') || trim(cast({quote(column)} as varchar))"


def _integers(columns: list[tuple[str, str]]) -> frozenset[str]:
    return frozenset(quote(column) for column, type_name in columns if type_name in INTEGERS)


def raw_table(schema: str, name: str, columns: list[tuple[str, str]], contract: dict[str, Any]) -> Table:
    """A raw table by its columns (names and types) and its contract."""
    full_name = f"{contract['source']}.{contract['table']}"
    declared = {key.lower(): kind for key, kind in (declarations()["raw"].get(full_name) or {}).items()}
    by_name = {column["name"].lower(): column for column in contract["columns"]}
    matches: list[tuple[str, str]] = []
    typed: list[tuple[str, str]] = []
    unknown: list[str] = []
    key = None
    for column, type_name in columns:
        lower = column.lower()
        normalizer = (by_name.get(lower) or {}).get("normalizer")
        kind = declared.get(lower)
        if normalizer in ("email", "phone"):
            matches.append((_text(column, type_name), normalizer))
        elif normalizer == "contact_point":
            typed.append((by_name[lower]["type_column"], column))
        elif kind is None:
            if lower in by_name and type_name != "BOOLEAN" and _LOOKS_LIKE_KEY.fullmatch(lower):
                unknown.append(column)
        elif kind != "none":
            expression = _text(column, type_name)
            if isinstance(kind, dict):
                expression, kind = _within(column, kind, dict(columns)), kind["kind"]
            elif normalizer == "salesforce_id":
                expression = salesforce_id_of(expression)
            # A reference may be to one of several tables.
            for each in kind if isinstance(kind, list) else [kind]:
                matches.append((expression, each))
                if each == full_name and key is None:
                    key = (expression, each)
    return Table(
        schema,
        name,
        True,
        tuple(matches),
        tuple(typed),
        key,
        _texts(columns),
        (),
        str(contract["source"]),
        str(contract["table"]),
        contract,
        _integers(columns),
        tuple(unknown),
    )


def raw_table_of_file(table: Table, columns: list[tuple[str, str]]) -> Table:
    """A raw table as one of its files has it: files of different times may have different columns."""
    return raw_table(table.schema, table.name, columns, table.contract)


# Whose row it is where several people are named in one: an event of ids belongs to the id it gave, a row of the ledger to the
# id the record has now.
_OWNERS = {
    "identity.customer_id_events": (("coalesce(new_customer_id, old_customer_id)", "customer_id"),),
    "identity.customer_id_ledger": (("record_id", "record_id"), ("customer_id", "customer_id")),
}


def built_table(schema: str, name: str, columns: list[tuple[str, str]]) -> Table:
    """A table that is built, by its columns (names and types)."""
    names = {column for column, _ in columns}
    matches: list[tuple[str, str]] = []
    unknown: list[str] = []
    for column, type_name in columns:
        kind = built_kind(column.lower())
        if kind is None:
            if _LOOKS_LIKE_KEY.fullmatch(column):
                unknown.append(column)
        elif kind not in ("none", "contact"):
            matches.append((_text(column, type_name), kind))
    owner = _OWNERS.get(f"{schema}.{name}")
    typed = [
        ("identifier_type", column)
        for column in ("identifier", "identifier_value")
        if {"identifier_type", column} <= names
    ]
    texts = tuple(
        column for column in _texts(columns) if built_kind(column.lower()) not in ("customer_id", "record_id")
    )
    return Table(
        schema,
        name,
        False,
        owner or tuple(matches),
        tuple(typed),
        None,
        texts,
        tuple(column for column, type_name in columns if type_name == "VARCHAR[]"),
        integers=_integers(columns),
        unknown=tuple(unknown),
    )


def _texts(columns: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(column for column, type_name in columns if type_name == "VARCHAR")


def contracts(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, Any]]:
    """Declarations of the raw tables as the last command of dbt left them, by schema and identifier, with how their columns are written."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (schema,) in connection.execute(
        "select table_schema from information_schema.tables where table_name = 'raw_contracts'"
    ).fetchall():
        for (text,) in connection.execute(f"select declaration from {quote(schema)}.raw_contracts").fetchall():
            contract = json.loads(text)
            found[contract["schema"], contract["identifier"]] = {**contract, "written_forms": {}}
    by_table = {(contract["source"], contract["table"]): contract["written_forms"] for contract in found.values()}
    for (schema,) in connection.execute(
        "select table_schema from information_schema.tables where table_name = 'raw_written_forms'"
    ).fetchall():
        for source, table, column, is_month_first, is_day_count in connection.execute(
            "select source_name, table_name, lower(column_name), is_month_first, is_day_count"
            f" from {quote(schema)}.raw_written_forms"
        ).fetchall():
            if (source, table) in by_table:
                by_table[source, table][column] = {"is_month_first": is_month_first, "is_day_count": is_day_count}
    return found


def inventory(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """All raw tables and all built tables of the database, in the order of their names. Views of built tables hold nothing."""
    declared = contracts(connection)
    listed = connection.execute(
        """
        select tables.table_schema, tables.table_name, tables.table_type,
            list((columns.column_name, columns.data_type) order by columns.ordinal_position)
        from information_schema.tables as tables
        inner join information_schema.columns as columns
            on tables.table_catalog = columns.table_catalog and tables.table_schema = columns.table_schema
            and tables.table_name = columns.table_name
        where tables.table_catalog = current_database() and list_contains($internal, tables.table_schema) = false
            and tables.table_name <> 'raw_contracts'
        group by all
        order by all
        """,
        {"internal": list(_INTERNAL_SCHEMAS)},
    ).fetchall()
    tables = []
    for schema, name, table_type, columns in listed:
        pairs = [(str(column[0]), str(column[1])) for column in columns]
        if (schema, name) in declared:
            tables.append(raw_table(schema, name, pairs, declared[schema, name]))
        elif table_type == "BASE TABLE":
            tables.append(built_table(schema, name, pairs))
    return tables


def uncovered(tables: list[Table]) -> list[str]:
    """Columns that look like an id or a contact point and that no declaration covers, as schema.table.column."""
    return [f"{table.schema}.{table.name}.{column}" for table in tables for column in table.unknown]


def is_lookup(table: Table) -> bool:
    """True for dictionaries and counts over many people: no column ties a row of theirs to one."""
    return not table.is_raw and not table.matches and not table.typed_matches
