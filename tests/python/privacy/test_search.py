"""Searching column by column finds the rows that one condition over all columns finds, each once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from python_udfs.privacy import search
from python_udfs.privacy.__main__ import engine_message
from python_udfs.privacy.inventory import Table, built_table, raw_table
from python_udfs.privacy.subject import Subject, load_values, row_condition, text_literal

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


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table counts as large: it is searched column by column."""
    monkeypatch.setattr(search, "SMALL", 0)


def table(is_raw: bool = False) -> Table:
    names = ("customer_id", "email", "identifier_type", "identifier", "comment")
    built = built_table("marts", "notes", [("position", "INTEGER"), *((name, "VARCHAR") for name in names)])
    return Table(**{**built.__dict__, "is_raw": is_raw})


def positions(connection: duckdb.DuckDBPyConnection, searched: Table, subject: Subject) -> list[int]:
    relations = search.relations(connection, [searched])
    rows = search.read_rows_of(connection, searched, subject, relations[searched.full_name])
    return sorted(row["position"] for row in rows)


@pytest.mark.parametrize("is_raw", [False, True])
@pytest.mark.parametrize("small", [0, 1_000])
def test_every_row_of_the_person_is_found_once(
    connection: duckdb.DuckDBPyConnection, subject: Subject, monkeypatch: pytest.MonkeyPatch, is_raw: bool, small: int
) -> None:
    monkeypatch.setattr(search, "SMALL", small)
    load_values(connection, subject)
    found = positions(connection, table(is_raw), subject)
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
    catalogue = search.Catalogue(connection, codes)
    channel, row_hash = catalogue.known(['"channel"', '"row_hash"']).values()
    assert (channel.shortest, channel.longest, channel.first, channel.last) == (3, 3, b"web", b"web")
    assert (row_hash.shortest, row_hash.longest, row_hash.may_be_null) == (32, 32, False)
    assert [found.condition.split(" in ")[0] for found in search.searches(subject, catalogue)] == ['"email"']


def test_a_table_whose_every_row_names_its_customer_is_searched_by_customer_and_amid_words(
    connection: duckdb.DuckDBPyConnection, subject: Subject, large: None
) -> None:
    load_values(connection, subject)
    connection.execute(
        """
        create table marts.named as select * from (values
            (1, 'c1', null, null), (2, 'c2', 'ann@x.example', null),
            (3, 'c2', null, 'asks for ann@x.example'), (4, 'c1', null, 'ann@x.example')
        ) as named(position, customer_id, email, comment)
        """
    )
    columns = [("position", "INTEGER"), *((name, "VARCHAR") for name in ("customer_id", "email", "comment"))]
    named = built_table("marts", "named", columns)
    assert positions(connection, named, subject) == [1, 3, 4]
    # One row that names nobody, and every column counts.
    connection.execute("insert into marts.named values (5, null, 'ann@x.example', null)")
    connection.execute("checkpoint")
    assert positions(connection, named, subject) == [1, 2, 3, 4, 5]


def test_a_holder_is_not_whose_row_it_is(connection: duckdb.DuckDBPyConnection, subject: Subject, large: None) -> None:
    load_values(connection, subject)
    connection.execute("create table marts.held as select 1 as position, 'c2' as holder_id, 'ann@x.example' as contact")
    held = built_table("marts", "held", [("position", "INTEGER"), ("holder_id", "VARCHAR"), ("contact", "VARCHAR")])
    assert positions(connection, held, subject) == [1]


def test_a_raw_table_is_searched_by_its_ids_and_in_columns_that_nobody_declared(
    connection: duckdb.DuckDBPyConnection, subject: Subject, large: None
) -> None:
    subject.values["shopify.order"] = {"7"}
    subject.values["shopify.customer"] = {"42"}
    subject.followed = {"shopify.order"}
    load_values(connection, subject)
    connection.execute(
        """
        create table marts.orders as select * from (values
            (1, '7', '42', 'web', null), (2, '8', '43', 'web', null), (3, null, '42', 'web', null), (4, '9', null, 'web', 'ann@x.example'),
            (5, '10', null, 'ann@x.example', null)
        ) as orders(position, id, customer_id, channel, extra)
        """
    )
    columns = [("position", "INTEGER"), *((name, "VARCHAR") for name in ("id", "customer_id", "channel", "extra"))]
    contract = {
        "source": "shopify",
        "table": "order",
        "columns": [{"name": "id"}, {"name": "customer_id"}, {"name": "channel"}],
    }
    orders = raw_table("marts", "orders", columns, contract)
    assert positions(connection, orders, subject) == [1, 3, 4]
    # Where not all ids are known, what the rows refer to counts for each.
    connection.execute("insert into marts.orders values (6, '11', '42', 'web', null)")
    assert positions(connection, orders, subject) == [1, 3, 4]
    subject.followed = set()
    assert positions(connection, orders, subject) == [1, 3, 4, 6]


@pytest.mark.parametrize("small", [0, 1_000])
def test_numbers_are_compared_as_numbers(
    connection: duckdb.DuckDBPyConnection, subject: Subject, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(search, "SMALL", small)
    # One that no column of this width holds, one that no column of numbers holds, and two that look like numbers.
    subject.values["shopify.order"] = {"7", "99999999999", "99999999999999999999", "\u00b2", "7a"}
    load_values(connection, subject)
    connection.execute(
        "create table marts.sold as select * from (values (1, 7), (2, 8), (3, null)) as sold(position, order_id)"
    )
    sold = built_table("marts", "sold", [("position", "INTEGER"), ("order_id", "INTEGER")])
    assert positions(connection, sold, subject) == [1]


def test_a_reference_begins_with_what_it_refers_to(
    connection: duckdb.DuckDBPyConnection, subject: Subject, large: None
) -> None:
    load_values(connection, subject)
    connection.execute(
        """
        create table marts.signals as select * from (values
            (1, 'shopify:customer:42'), (2, 'shopify:customer:42:flag'), (3, 'shopify:customer:421'), (4, 'ann@x.example:list'), (5, null)
        ) as signals(position, signal_ref)
        """
    )
    signals = built_table("marts", "signals", [("position", "INTEGER"), ("signal_ref", "VARCHAR")])
    assert positions(connection, signals, subject) == [1, 2, 4]


def test_nothing_of_the_person_gives_no_rows(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Subject("c9", {"customer_id": {"c9"}})
    load_values(connection, nobody)
    for small in (0, 1_000):
        monkeypatch.setattr(search, "SMALL", small)
        assert positions(connection, table(), nobody) == []


def test_what_lies_outside_the_bounds_of_a_column_is_not_looked_for() -> None:
    known = search.Known(first=b"bo", last=b"dora")
    assert [text for text in ("anna", "bo", "bob", "dora", "dora lee", "dorb", "e") if known.fits(text)] == [
        "bo",
        "bob",
        "dora",
        "dora lee",
    ]
    # What begins so may lie within, though it does not itself.
    assert [text for text in ("a", "b", "bo:", "do", "dz") if known.may_begin(text)] == ["b", "bo:", "do"]


def test_bounds_that_are_told_in_another_form_are_none(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table marts.told as from (values ('ann', 'ann' || chr(0), 'é', null), ('bob', 'bob', 'b', null))"
        " as t(plain, escaped, other_script, nothing)"
    )
    told = built_table("marts", "told", [(name, "VARCHAR") for name in ("plain", "escaped", "other_script", "nothing")])
    known = search.Catalogue(connection, told).known(['"plain"', '"escaped"', '"other_script"', '"nothing"'])
    assert {column: (facts.first, facts.last) for column, facts in known.items()} == {
        '"plain"': (b"ann", b"bob"),
        '"escaped"': (b"", b"bob"),
        '"other_script"': (b"", None),
    }


def test_texts_of_few_kinds_are_looked_into_once(
    connection: duckdb.DuckDBPyConnection, subject: Subject, large: None
) -> None:
    load_values(connection, subject)
    connection.execute(
        "create table marts.talk as select i as position, if(i % 50 = 7, 'asks for ann@x.example', 'nothing ' || i % 9) as comment"
        " from range(500) as r(i)"
    )
    talk = built_table("marts", "talk", [("position", "INTEGER"), ("comment", "VARCHAR")])
    (found,) = search.searches(subject, search.Catalogue(connection, talk))
    assert "group by" in found.condition and "group by" not in found.exact
    assert positions(connection, talk, subject) == list(range(7, 500, 50))


@pytest.mark.parametrize("is_known", [True, False])
def test_rows_of_raw_files_are_found_in_every_file_and_not_where_the_view_leaves_them_out(
    connection: duckdb.DuckDBPyConnection, subject: Subject, large: None, tmp_path: Path, is_known: bool
) -> None:
    load_values(connection, subject)
    first, second = str(tmp_path / "a.parquet"), str(tmp_path / "it's b.parquet")
    # In each file the person's rows stand where others stand in the other; the second has a column more.
    for path, rows in (
        (first, "(1, 'ann@x.example', null), (2, 'bob@x.example', null), (3, 'ann@x.example', null)"),
        (
            second,
            "(4, 'bob@x.example', 'hi'), (5, 'ann@x.example', 'to ann@x.example'), (6, 'ann@x.example', 'left out')",
        ),
    ):
        columns = "*" if path == second else "* exclude (note)"
        connection.execute(
            f"copy (select {columns} from (values {rows}) as r(position, email, note)) to {text_literal(path)} (format parquet)"
        )
    left_out = "where not (file_row_number = 2 and position = 6)"
    files = (
        f"read_parquet([{text_literal(first)}, {text_literal(second)}], union_by_name = true, file_row_number = true)"
    )
    connection.execute(
        f"create view marts.member as select * exclude (file_row_number) from {files} {left_out};"
        "create schema main_of_dbt;"
        "create table main_of_dbt.raw_files (source_name varchar, table_name varchar, numbered_query varchar)"
    )
    if is_known:
        query = f"select * from {files} {left_out}"
        connection.execute("insert into main_of_dbt.raw_files values ('pos', 'member', ?)", [query])
    columns_of = [("position", "INTEGER"), ("email", "VARCHAR"), ("note", "VARCHAR")]
    contract = {
        "source": "pos",
        "table": "member",
        "columns": [{"name": "email", "normalizer": "email"}, {"name": "note"}],
    }
    members = raw_table("marts", "member", columns_of, contract)
    relation = search.relations(connection, [members])[members.full_name]
    assert (relation.position, relation.rows) == ("file_row_number" if is_known else None, 5)
    found = search.read_rows_of(connection, members, subject, relation)
    assert sorted(row["position"] for row in found) == [1, 3, 5]
    assert set(found[0]) == {"position", "email", "note"}


def test_what_the_engine_quotes_is_not_repeated() -> None:
    quoting = duckdb.IOException(
        "IO Error: No files found \"a.parquet\"\n\nLINE 1: select 1 where email in ('ann@x.example')"
    )
    converting = duckdb.ConversionException("Conversion Error: Could not convert string 'ann@x.example' to INT32")
    assert engine_message(quoting) == 'IO Error: No files found "a.parquet"'
    assert "ann@x.example" not in engine_message(converting)
