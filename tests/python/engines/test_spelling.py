"""SQL that only one engine reads stands in macros/engine: the slips that are made most often, found without a second engine.

What this cannot see, test_spark.py does: there Spark itself reads all of the project's SQL.
"""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
TAG = re.compile(r"\{%-?\s*(?!do|set)\w+.*?%\}", re.DOTALL)
#: What is wrong, by what is to be written instead.
SLIPS = {
    "string instead of varchar": re.compile(r"\bas (varchar|text)\)|\b(?!Use )\w+ varchar[,)]"),
    "cast(x as type) instead of x::type": re.compile(r"\w::\w"),
    "macro record": re.compile(r":=|\bstruct_pack\("),
    "macros first_known and last_known": re.compile(r"\bignore nulls\b"),
    "no comma after the last column of a select": re.compile(r",\s*\n\s*(from|where|group by|order by|having)\b"),
    "a name without double quotes, which are a text on Spark, or adapter.quote": re.compile(
        r"""^[^{}~'\n]*"[a-z_]+"[^{}~'\n]*$""", re.MULTILINE
    ),
    "macros of macros/engine/lists.sql": re.compile(
        r"\b(list|list_(?!items)\w+|array_\w+|unnest|string_split|string_agg)\("
    ),
    "macros of macros/engine/text.sql": re.compile(
        r"\b(regexp_(?!extract\()\w+|strip_accents|starts_with|ends_with|strlen|ord)\("
    ),
    "macros of macros/engine/time.sql": re.compile(
        r"(?<!\.)\b(strftime|strptime|try_strptime|epoch|epoch_ms|make_timestamp|date_diff|date_sub)\("
    ),
    "max_by, min_by and max": re.compile(r"\b(arg_max|arg_min|any_value|first|last)\("),
    "explicit columns": re.compile(r"\bexclude \(|\bunion (all )?by name\b|\bdistinct on\b"),
    "Spark has no join by position or by closest time": re.compile(r"\b(positional|asof) join\b"),
}


def sql_files() -> list[Path]:
    """Every SQL file outside of macros/engine."""
    files = [path for folder in ("models", "macros", "tests") for path in sorted((PROJECT / folder).rglob("*.sql"))]
    return [path for path in files if "engine" not in path.parts]


def slips_in(text: str) -> list[str]:
    """What stands in a text that only one engine reads: line and what to write instead."""
    blank = COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    blank = TAG.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), blank)
    return [
        f"{blank[: found.start()].count(chr(10)) + 1}: {found.group().strip()!r}: {remedy}"
        for remedy, pattern in SLIPS.items()
        for found in pattern.finditer(blank)
    ]


def test_sql_outside_of_the_engine_macros_is_of_every_engine() -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{slip}"
        for path in sql_files()
        for slip in slips_in(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "sql",
    [
        "select cast(id as varchar) from t",
        "create table t (name varchar, n bigint)",
        "select id::bigint from t",
        "select struct_pack(a := 1)",
        "select first_value(x ignore nulls) over (order by y)",
        "select\n    a,\n    b,\nfrom t",
        'select "timestamp" as merged_at from t',
        'select coalesce("timestamp", sent_at) from t',
        "select list_sort(list(x)) from t",
        "select regexp_matches(x, 'a')",
        "select strftime(x, '%Y')",
        "select * exclude (a) from t",
    ],
)
def test_slips_are_found(sql: str) -> None:
    assert slips_in(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "-- not cast(id as varchar)\nselect cast(id as string) from t",
        "{# a := b #}select 1 as n",
        "select 'a, from b' as n, 7 as m\nfrom t",
        "select {{ empty_rows({'name': 'varchar'}) }}",
        "select last_day(x), max_by(a, b) from t",
    ],
)
def test_what_every_engine_reads_is_no_slip(sql: str) -> None:
    assert slips_in(sql) == []
