"""Conditions of segments tried on tables that have the declared columns but no customers."""

from __future__ import annotations

import json
import re

import duckdb

FEATURES = "customer_features"
# What texts say in the rows that a predicate is tried on; the name is that of the schema that holds the row.
TEXTS = {"without_texts": None, "number": "1", "day": "2000-01-01"}
# The schema that holds the row without any value.
NULLS = "nulls"
_BARE_NAME = re.compile(r"Table with name (\w+) does not exist!")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_text(data_type: str) -> bool:
    return data_type.lower().startswith(("varchar", "text", "string"))


def _example(data_type: str, text: str | None) -> str:
    """A value of a type as an SQL literal; `text` is that of a column of texts."""
    if not _is_text(data_type):
        return "'2000-01-01'" if data_type.lower().startswith(("date", "timestamp", "time")) else "'1'"
    return "null" if text is None else f"'{text}'"


def _reason(problem: duckdb.Error) -> str:
    """The first line of what the engine says, without the kind of error."""
    line = str(problem).splitlines()[0]
    return line.partition(" Error: ")[2].rstrip("!. ") or line


def _misfit(connection: duckdb.DuckDBPyConnection, predicate: str) -> str:
    """Why the literals of a predicate do not fit the columns, which shows only where there are rows; an empty text where they fit.

    A text may say a number, a day or anything else, and a cast of it fails where it says something else. What fails without any
    text, or in the same way whatever the texts say, is wrong in the predicate itself.
    """
    reasons = {}
    for schema in (NULLS, *TEXTS):
        try:
            connection.execute(f"select count(case when {predicate} then 1 end) from {schema}.{FEATURES}")
        except duckdb.Error as problem:
            reasons[schema] = _reason(problem)
    always = reasons.get(NULLS) or reasons.get("without_texts")
    return always or (reasons["day"] if reasons.get("day") and reasons["day"] == reasons.get("number") else "")


def _refused_predicate(connection: duckdb.DuckDBPyConnection, predicate: str) -> str:
    try:
        # The predicate stands last, so that an error at its end is told as one.
        connection.execute(f"explain from {NULLS}.{FEATURES} where {predicate}")
        kind = connection.execute(f"describe select {predicate} from {NULLS}.{FEATURES}").fetchall()[0][1]
    except duckdb.ParserException as problem:
        return f"the predicate is no condition: {_reason(problem)}. See that every bracket and quote is closed."
    except duckdb.CatalogException:
        return ""  # A function that the warehouse may have.
    except duckdb.Error as problem:
        misfit = _reason(problem)
    else:
        if kind == "VARCHAR":
            return "the predicate is no condition: it gives a text, not true or false. Compare it with a value."
        misfit = _misfit(connection, predicate)
    return misfit and f"the predicate does not fit {FEATURES}: {misfit}. Compare each column with a value of its type."


def _refused_query(connection: duckdb.DuckDBPyConnection, query: str, models: list[str]) -> str:
    try:
        columns = [row[0] for row in connection.execute(f"describe {query}").fetchall()]
    except duckdb.ParserException as problem:
        return f"'sql' is no query: {_reason(problem)}. See that every bracket and quote is closed."
    except duckdb.CatalogException as problem:
        bare = _BARE_NAME.search(str(problem))
        if bare and bare[1].lower() in models:
            return f"'sql' reads {bare[1]}, a model, by its bare name; write {{ref:{bare[1].lower()}}}."
        return ""  # A table or a function that the warehouse may have.
    except duckdb.Error as problem:
        return f"'sql' does not fit the models it reads: {_reason(problem)}."
    if "customer_id" in (column.lower() for column in columns):
        return ""
    return f"'sql' must give customer_id, and gives {', '.join(columns)}."


def first_refused(question: str) -> str:
    """The first condition or query that cannot be used, as the engine sees it.

    Args:
        question: JSON with `tables`, {table: {column: type}}, which queries read as models.<table>; `models`, the names of all models; and
            `trials`, each with `segment`, `key` ('predicate' or 'sql') and `sql`.

    Returns:
        JSON with `segment`, `key` and `problem`, a sentence; an empty text where all can be used.
    """
    asked = json.loads(question)
    with duckdb.connect() as connection:
        for schema in ("models", NULLS, *TEXTS):
            connection.execute(f"create schema {schema}")
        for table, columns in asked["tables"].items():
            declared = ", ".join(f"{_quoted(name)} {data_type}" for name, data_type in columns.items())
            connection.execute(f"create table models.{_quoted(table)} ({declared})")
        features = asked["tables"][FEATURES]
        rows = {schema: [_example(kind, text) for kind in features.values()] for schema, text in TEXTS.items()}
        for schema, row in {NULLS: ["null"] * len(features), **rows}.items():
            connection.execute(f"create table {schema}.{FEATURES} as from models.{FEATURES}")
            connection.execute(f"insert into {schema}.{FEATURES} values ({', '.join(row)})")
        for trial in asked["trials"]:
            if trial["key"] == "predicate":
                problem = _refused_predicate(connection, trial["sql"])
            else:
                problem = _refused_query(connection, trial["sql"], asked["models"])
            if problem:
                return json.dumps({"segment": trial["segment"], "key": trial["key"], "problem": problem})
    return ""
