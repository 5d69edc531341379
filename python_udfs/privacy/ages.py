"""When a row of a raw table was observed, by the columns that retention.yml names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from python_udfs.privacy.inventory import Table
from python_udfs.raw.casts import time_of

DECLARATIONS = Path(__file__).with_name("retention.yml")
# Name and type of each column, by its name in lower case.
Columns = Mapping[str, tuple[str, str]]


@cache
def declarations() -> dict[str, dict[str, Any]]:
    """The content of retention.yml."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(DECLARATIONS.read_text(encoding="utf-8"))
    return loaded


def time_expression(names: Iterable[str], table: Table, present: Columns) -> str:
    """The first time of a row that staging can read, as SQL; null where a file lacks all of the columns."""
    parts = [time_of(column, table.contract, present) for column in names if column.lower() in present]
    return f"coalesce({', '.join([*parts, 'null'])})" if parts else "cast(null as timestamp)"


def observed_at(table: Table, columns: Iterable[tuple[str, str]]) -> str:
    """When a row was observed, as SQL; null for parts of other rows, and where the time is not that of an observation.

    columns: names and types of the columns that are there.
    """
    entry = declarations().get(f"{table.source}.{table.raw_name}", {})
    names = entry.get("at", []) if "purposes" in entry else []
    return time_expression(names, table, {name.lower(): (name, type_name) for name, type_name in columns})
