"""Conditions of segments tried on tables that have the declared columns but no customers."""

from __future__ import annotations

import json

import duckdb

FEATURES = "customer_features"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _example(data_type: str) -> str:
    """A value of a type; text is a number, because that can be compared with one."""
    return "2000-01-01" if data_type.lower().startswith(("date", "timestamp", "time")) else "1"


def _reason(problem: duckdb.Error) -> str:
    """The first line of what the engine says, without the kind of error."""
    line = str(problem).splitlines()[0]
    return line.partition(" Error: ")[2].rstrip("!. ") or line


def _refused_predicate(connection: duckdb.DuckDBPyConnection, predicate: str) -> str:
    try:
        # The predicate stands last, so that an error at its end is told as one.
        connection.execute(f"explain from {FEATURES} where {predicate}")
        # A text that is no number is noticed only where there is a row to compare it with.
        connection.execute(f"select count(case when {predicate} then 1 end) from {FEATURES}")
    except duckdb.ParserException as problem:
        return f"the predicate is no condition: {_reason(problem)}. See that every bracket and quote is closed."
    except duckdb.CatalogException:
        return ""  # A function that the warehouse may have.
    except duckdb.Error as problem:
        return (
            f"the predicate does not fit {FEATURES}: {_reason(problem)}. Compare each column with a value of its type."
        )
    return ""


def _refused_query(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    try:
        columns = [row[0] for row in connection.execute(f"describe {query}").fetchall()]
    except duckdb.ParserException as problem:
        return f"'sql' is no query: {_reason(problem)}. See that every bracket and quote is closed."
    except duckdb.CatalogException:
        return ""  # A table or a function that the warehouse may have.
    except duckdb.Error as problem:
        return f"'sql' does not fit the models it reads: {_reason(problem)}."
    if "customer_id" in (column.lower() for column in columns):
        return ""
    return f"'sql' must give customer_id, and gives {', '.join(columns)}."


def first_refused(question: str) -> str:
    """The first condition or query that cannot be used, as the engine sees it.

    Args:
        question: JSON with `tables`, {table: {column: type}}, and `trials`, each with `segment`, `key` ('predicate' or 'sql') and `sql`.

    Returns:
        JSON with `segment`, `key` and `problem`, a sentence; an empty text where all can be used.
    """
    asked = json.loads(question)
    with duckdb.connect() as connection:
        for table, columns in asked["tables"].items():
            declared = ", ".join(f"{_quoted(name)} {data_type}" for name, data_type in columns.items())
            connection.execute(f"create table {_quoted(table)} ({declared})")
            if table == FEATURES:
                nothing = ", ".join("null" for _ in columns)
                examples = ", ".join(f"'{_example(data_type)}'" for data_type in columns.values())
                connection.execute(f"insert into {FEATURES} values ({nothing}), ({examples})")
        for trial in asked["trials"]:
            check = _refused_predicate if trial["key"] == "predicate" else _refused_query
            problem = check(connection, trial["sql"])
            if problem:
                return json.dumps({"segment": trial["segment"], "key": trial["key"], "problem": problem})
    return ""
