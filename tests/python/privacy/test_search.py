"""Searching column by column finds the rows that one condition over all columns finds, each once."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from python_udfs.privacy import search
from python_udfs.privacy.inventory import Table, built_table
from python_udfs.privacy.subject import Subject, load_values, row_condition

# What is the person's: by a key, as a whole text, by kind and value, amid other words, and by several of them at once.
THEIRS = (
    (1, "c1", None, None, None, None),
    (2, None, "ann@x.example", None, None, None),
    (3, None, None, "email", "ann@x.example", None),
    (4, None, None, "user_id", "42", None),
    (5, None, None, None, None, "wrote from Ann@X.example."),
    (6, None, None, None, None, "call +49 30 123456"),
    (7, None, None, None, None, "was shopify:customer:42, twice"),
    (8, None, None, None, None, "on 0184382D-DBFD-9A54 again"),
    (9, "c1", "ann@x.example", "email", "ann@x.example", "ann@x.example"),
)
OTHERS = (
    (101, "c2", "joann@x.example", "phone", "42", "joann@x.example, not ann"),
    (102, None, "c1", "device_id", "ann@x.example", "12:30:15 a@b 56"),
    (103, None, None, None, None, None),
    (104, "c11", "", "", "", "shopify:customer:421"),
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.notes (position integer, customer_id varchar, email varchar, identifier_type varchar,"
            " identifier varchar, comment varchar)"
        )
        con.executemany("insert into marts.notes values (?, ?, ?, ?, ?, ?)", [*THEIRS, *OTHERS])
        yield con


@pytest.fixture
def subject() -> Subject:
    values = {
        "customer_id": {"c1"},
        "email": {"ann@x.example"},
        "phone": {"+4930123456"},
        "user_id": {"42"},
        "record_id": {"shopify:customer:42"},
        "device": {"0184382d-dbfd-9a54"},
    }
    return Subject("c1", values, {"phone": {"+49 30 123456"}})


def table(is_raw: bool = False) -> Table:
    names = ("customer_id", "email", "identifier_type", "identifier", "comment")
    built = built_table("marts", "notes", [("position", "INTEGER"), *((name, "VARCHAR") for name in names)])
    return Table(**{**built.__dict__, "is_raw": is_raw})


@pytest.mark.parametrize("is_raw", [False, True])
@pytest.mark.parametrize("small", [0, 1_000])
def test_every_row_of_the_person_is_found_once(
    connection: duckdb.DuckDBPyConnection, subject: Subject, monkeypatch: pytest.MonkeyPatch, is_raw: bool, small: int
) -> None:
    monkeypatch.setattr(search, "SMALL", small)
    load_values(connection, subject)
    found = sorted(row["position"] for row in search.read_rows_of(connection, table(is_raw), subject))
    condition = row_condition(table(), subject)
    expected = connection.execute(f"select position from marts.notes where {condition} order by all").fetchall()
    assert found == [position for (position,) in expected]
    # A value that is the person's is theirs in whatever column it stands.
    assert found == [*(row[0] for row in THEIRS), 102]


def test_columns_whose_texts_are_too_short_or_too_long_are_not_read(
    connection: duckdb.DuckDBPyConnection, subject: Subject
) -> None:
    connection.execute(
        "create table marts.codes as select 'web' as channel, md5('x') as row_hash, 'ann@x.example' as email"
    )
    codes = built_table("marts", "codes", [(name, "VARCHAR") for name in ("channel", "row_hash", "email")])
    lengths = search.text_lengths(connection, codes)
    assert lengths["channel"] == (3, 3)
    assert lengths["row_hash"] == (32, 32)
    searches = search.searches(codes, subject, lengths)
    assert len(searches) == 1
    assert searches[0].startswith('"email" in')


def test_nothing_of_the_person_gives_no_rows(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Subject("c9", {"customer_id": {"c9"}})
    load_values(connection, nobody)
    for small in (0, 1_000):
        monkeypatch.setattr(search, "SMALL", small)
        assert search.read_rows_of(connection, table(), nobody) == []
