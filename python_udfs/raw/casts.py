"""The conversions of staging as SQL for use outside dbt: rendered from the same macros, so that a raw value is read in one way only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import Environment

PROJECT = Path(__file__).resolve().parents[2]
MACROS = ("normalize/casts.sql", "engine/text.sql", "engine/time.sql", "staging/contract.sql")


@cache
def _macros() -> Any:
    """The macros by name. What dbt gives them is given here for DuckDB, with the variables of dbt_project.yml."""
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    environment = Environment(autoescape=False, extensions=["jinja2.ext.do"])  # renders SQL, no pages
    names = SimpleNamespace()

    def dispatch(name: str, _package: str) -> Callable[..., str]:
        found: Callable[..., str] = getattr(names, f"duckdb__{name}", None) or getattr(names, f"default__{name}")
        return found

    environment.globals.update(
        {
            "adapter": SimpleNamespace(dispatch=dispatch, quote=lambda name: '"' + name.replace('"', '""') + '"'),
            "kindred": names,
            "modules": SimpleNamespace(re=re),
            # A macro that returns a text prints nothing else.
            "return": lambda value: value,
            "var": variables.__getitem__,
        }
    )
    source = "\n".join((PROJECT / "macros" / name).read_text(encoding="utf-8") for name in MACROS)
    names.__dict__.update(environment.from_string(source).module.__dict__)
    return names


def time_of(column: str, contract: Mapping[str, Any], present: Mapping[str, tuple[str, str]]) -> str:
    """A raw column as the UTC timestamp that staging reads in it, null where it can read none.

    Args:
        column: The declared name; one of `present`, in lower case.
        contract: The declaration of the table, with what its columns show of how they are written
            (`is_month_first`, `is_day_count`).
        present: Name and type of each column that is there, by its name in lower case.
    """
    macros = _macros()
    declared: Mapping[str, Any] = next(
        (each for each in contract["columns"] if each["name"].lower() == column.lower()), {}
    )
    name, raw_type = present[column.lower()]
    columns = {lower: {"name": each, "data_type": kind} for lower, (each, kind) in present.items()}
    columns[column.lower()] |= contract.get("written_forms", {}).get(column.lower(), {})
    data_type = "date" if str(declared.get("data_type")).lower() == "date" else "timestamp"
    month_first = macros.month_first_of(contract, columns, declared)
    quoted = '"' + name.replace('"', '""') + '"'
    read = macros.to_declared_type(quoted, raw_type, data_type, month_first, columns[column.lower()])
    return f"cast({read} as timestamp)"


def salesforce_id_of(text: str) -> str:
    """An id of Salesforce, an expression of text, in the form in which staging has it."""
    return str(_macros().salesforce_id(text))
