"""What no purpose needs any longer goes from raw files and ledgers; what proves consent stays as long as it has to."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from python_udfs.privacy.ages import declarations
from python_udfs.privacy.inventory import raw_table
from python_udfs.privacy.journal import Erasure, append
from python_udfs.privacy.retention import RetentionError, days_of, in_order, retain, rule_of
from python_udfs.privacy.screen import Screening, screening_folder
from python_udfs.privacy.store import TABLES, Place
from python_udfs.raw.casts import time_of

PROJECT = Path(__file__).resolve().parents[3]
TODAY = datetime.datetime(2026, 1, 1)
REGISTERED = {"service": 1000, "marketing": 500, "any_processing": 3000}
CONTRACTS: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("shopify", "customer"): (["id", "email", "created_at", "updated_at"], ["id"]),
    ("shopify", "order"): (["id", "customer_id", "processed_at", "created_at"], ["id"]),
    ("shopify", "order_line"): (["id", "order_id"], ["id"]),
}


def contract(source: str, table: str) -> dict[str, Any]:
    columns, keys = CONTRACTS[source, table]
    described = [{"name": name, "data_type": "varchar"} for name in columns]
    return {"source": source, "table": table, "schema": source, "identifier": table, "columns": described} | {
        "key_columns": keys
    }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Three customers, orders 1 (old, also in a newer version), 2 (old), 3 (new) and 4 (without a time), and a ledger."""
    raw = tmp_path / "raw" / "shopify"
    raw.mkdir(parents=True)
    (raw / "customer.csv").write_text(
        "id,email,created_at,updated_at\n"
        "1,long-gone@x.org,2015-01-01 00:00:00,2016-01-01 00:00:00\n"
        "2,buys@x.org,2015-01-01 00:00:00,\n"
        "3,new@x.org,2025-06-01 00:00:00,2025-06-01 00:00:00\n"
    )
    database = tmp_path / "kindred.duckdb"
    with duckdb.connect(str(database)) as connection:
        first = (
            "(1, 2, '2020-01-01', null), (2, 2, null, '2020-01-01'), (3, 2, '2025-12-01', null), (4, 2, 'soon', null)"
        )
        for name, rows in (("order", first), ("order.day1", "(1, 2, '2025-12-05', null)")):
            connection.execute(
                f"copy (select * from (values {rows}) as t(id, customer_id, processed_at, created_at)) to '{raw}/{name}.parquet'"
            )
        connection.execute(
            f"copy (select * from (values (10, 1), (20, 2), (21, 2), (30, 3)) as t(id, order_id)) to '{raw}/order_line.parquet'"
        )
        connection.execute(
            "create schema shopify; create schema reference; create schema identity; create schema marts"
        )
        connection.execute("create schema intermediate")
        connection.execute("create table raw_contracts (source_name varchar, table_name varchar, declaration varchar)")
        for source, table in CONTRACTS:
            declared = contract(source, table)
            connection.execute("insert into raw_contracts values (?, ?, ?)", [source, table, json.dumps(declared)])
            columns = ", ".join(f'null::varchar as "{column["name"]}"' for column in declared["columns"])
            connection.execute(f'create view {source}."{table}" as select {columns}')
        connection.execute("create table reference.purposes as select unnest($1) as purpose_code, unnest($2) as retention_days",
                           [list(REGISTERED), list(REGISTERED.values())])  # fmt: skip
        connection.execute(
            "create table identity.identity_records as from (values"
            " ('shopify:customer:1', timestamp '2015-01-01', timestamp '2016-01-01'),"
            " ('shopify:customer:2', timestamp '2015-01-01', null),"
            " ('shopify:customer:3', timestamp '2025-06-01', null)) as t(record_id, created_at, updated_at);"
            "create table identity.customer_ids as select record_id, 'c' || right(record_id, 1) as customer_id"
            " from identity.identity_records;"
            "create table marts.orders as select 'c2' as customer_id, timestamp '2025-12-01' as ordered_at;"
            "create table marts.customer_identifiers as select 'c3' as customer_id, 'email' as identifier_type,"
            " 'new@x.org' as identifier_value;"
        )
        connection.execute(
            "create table marts.consent_events as from (values"
            " ('decides', 'email', 'gone@x.org', 'granted', false, timestamp '2010-01-01'),"
            " ('replaced', 'email', 'gone@x.org', 'granted', false, timestamp '2009-01-01'),"
            " ('refused', 'email', 'new@x.org', 'withdrawn', false, timestamp '2009-01-01'),"
            " ('flag', 'email', 'gone@x.org', 'granted', true, timestamp '2009-01-01'),"
            " ('young', 'email', 'gone@x.org', 'pending', false, timestamp '2020-01-01'))"
            " as t(event_id, identifier_type, identifier, state, is_standing_value, event_at);"
            "alter table marts.consent_events add column valid_until timestamp;"
            "create table intermediate.consent_identifier_status as select 'decides' as deciding_event_id, null as evidence_event_id"
        )
    return Place(database, tmp_path / "raw", tmp_path / "exports", tmp_path / "backups", ())


def ids(place: Place, name: str) -> list[int]:
    assert place.raw
    return [row[0] for row in duckdb.sql(f"select id from '{place.raw}/shopify/{name}' order by all").fetchall()]


def rows(place: Place, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(place.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_what_was_put_right_goes_with_its_record(place: Place) -> None:
    with duckdb.connect(str(place.database)) as connection:
        connection.execute(TABLES)
        connection.execute(
            "insert into privacy.rectifications (record_id, unit, attribute, value) select unnest($1), 'email', 'email', 'right@x.org'",
            [
                [
                    "shopify:customer:1",
                    "shopify:customer:2",
                    "shopify:customer:7",
                    "shopify:customer:8",
                    "shopify:order:2",
                ]
            ],
        )
        connection.execute(
            "create table identity.customer_id_ledger as from (values ('shopify:customer:2', null),"
            " ('shopify:customer:7', $1::timestamp - interval 60 day), ('shopify:customer:8', $1::timestamp - interval 5 day))"
            " as t(record_id, removed_at)",
            [TODAY],
        )
    hits = {hit.name: hit.rows for hit in retain(place, today=TODAY).hits}
    # The record of 1 and the order of guest 2 are kept no longer; what the source deleted lately may come back.
    assert hits["privacy.rectifications"] == 3
    left = rows(place, "select record_id from privacy.rectifications order by all")
    assert left == [("shopify:customer:2",), ("shopify:customer:8",)]


def test_rows_no_purpose_needs_go_with_their_parts(place: Place) -> None:
    outcome = retain(place, today=TODAY)
    # The old version of order 1 goes and takes no line along, because the order is still there.
    assert ids(place, "order.parquet") == [3, 4]
    assert ids(place, "order.day1.parquet") == [1]
    assert ids(place, "order_line.parquet") == [10, 30]
    # Whoever bought last month stays, however old the record is.
    assert ids(place, "customer.csv") == [2, 3]
    assert {hit.name: hit.rows for hit in outcome.hits} == {
        "shopify.customer": 1,
        "shopify.order": 2,
        "shopify.order_line": 2,
        "marts.consent_events": 1,
    }
    told = "\n".join(outcome.messages)
    assert "rows of purpose service" in told
    assert "1  rows without a time stay in shopify.order" in told
    assert rows(place, "select operation, is_dry_run, table_count, row_count from privacy.operations_log") == [
        ("retain", False, 4, 6)
    ]
    assert retain(place, today=TODAY).hits == []
    left = [path.read_bytes() for path in [place.database, *(place.raw or place.database).rglob("*.csv")]]
    assert not [content for content in left if b"long-gone@x.org" in content]


def test_the_next_build_expects_the_rows_to_be_gone(place: Place) -> None:
    with duckdb.connect(str(place.database)) as connection:
        connection.execute(
            "create schema governance;"
            "create table governance.raw_tables as from (values ('shopify', 'order', 5), ('shopify', 'customer', 3), ('pos', 'receipt', 9))"
            " as t(source_name, table_name, row_count)"
        )
    counted = "select table_name, row_count from governance.raw_tables order by all"
    retain(place, is_dry_run=True, today=TODAY)
    assert rows(place, counted) == [("customer", 3), ("order", 5), ("receipt", 9)]
    retain(place, today=TODAY)
    assert rows(place, counted) == [("customer", 2), ("order", 3), ("receipt", 9)]


@pytest.mark.parametrize(
    "ordered_at",
    ["27.07.2010 10:00:00", "1280224800000", "1280224800", "07/27/2010", "2010-07-27T10:00:00+02:00", " 2010/07/27 "],
)
def test_times_are_read_as_staging_reads_them(place: Place, ordered_at: str) -> None:
    assert place.raw
    for path in (place.raw / "shopify").glob("order.*"):
        path.unlink()
    (place.raw / "shopify" / "order.csv").write_text(
        f"id,customer_id,Processed_At,created_at\n1,2,{ordered_at},\n2,2,never,{ordered_at}\n3,2,01.12.2025 08:00,\n4,2,soon,\n"
    )
    outcome = retain(place, today=TODAY)
    assert {hit.name: hit.rows for hit in outcome.hits}["shopify.order"] == 2
    assert ids(place, "order.csv") == [3, 4]
    assert "1  rows without a time stay in shopify.order" in "\n".join(outcome.messages)


def test_country_of_the_row_tells_days_from_months() -> None:
    present = {"sold_at": ("sold_at", "VARCHAR"), "land": ("land", "VARCHAR")}
    declared = {"columns": [{"name": "sold_at", "data_type": "timestamp", "country_columns": ["land"]}]}
    read = time_of("sold_at", declared, present)
    found = duckdb.sql(
        f"select {read} from (values ('03/04/2010', 'GB'), ('03/04/2010', 'US')) as t(sold_at, land)"
    ).fetchall()
    assert found == [(datetime.datetime(2010, 4, 3),), (datetime.datetime(2010, 3, 4),)]
    # What the column shows says more.
    of_column = time_of("sold_at", {**declared, "written_forms": {"sold_at": {"is_month_first": False}}}, present)
    assert duckdb.sql(f"select {of_column} from (values ('03/04/2010', 'US')) as t(sold_at, land)").fetchall() == [
        (datetime.datetime(2010, 4, 3),)
    ]


def test_rows_of_erased_people_that_were_left_out_go_too_and_need_no_key_again(place: Place) -> None:
    assert place.raw
    path = (place.raw / "shopify" / "order.parquet").absolute()
    append(place.database, Erasure("op", "2025-01-01T00:00:00", "fingerprint", {"email": ["hash"]}))
    screening = Screening(screening_folder(place.landed))
    screening.record(path, 1, [2])
    screening.save()
    retain(place, today=TODAY)
    assert ids(place, "order.parquet") == [4]
    again = Screening(screening_folder(place.landed))
    assert (again.checked(path), again.positions(path)) == (1, [])


def test_proof_of_consent_stays_while_it_decides_refuses_or_stands(place: Place) -> None:
    retain(place, today=TODAY)
    assert rows(place, "select event_id from marts.consent_events order by all") == [
        *[("decides",), ("flag",), ("refused",), ("young",)]
    ]


def test_dry_run_tells_the_same_and_changes_nothing(place: Place) -> None:
    assert place.raw
    before = {path: path.read_bytes() for path in place.raw.rglob("*") if path.is_file()}
    dry = retain(place, is_dry_run=True, today=TODAY)
    assert {path: path.read_bytes() for path in place.raw.rglob("*") if path.is_file()} == before
    assert rows(place, "select count(*) from marts.consent_events") == [(5,)]
    done = retain(place, today=TODAY)
    assert dry.hits == done.hits
    assert dry.messages == done.messages[:-1]


def test_keys_of_erased_people_go_when_destinations_had_their_time(place: Place) -> None:
    with duckdb.connect(str(place.database)) as connection:
        connection.execute(
            "create schema activation; create table activation.activation_sms_state as from (values"
            " ('a', 'erased', timestamp '2025-11-01', timestamp '2025-11-01'),"
            " ('b', 'erased', timestamp '2025-12-20', timestamp '2025-12-20'),"
            " ('c', 'c3', null, timestamp '2025-10-01')) as t(activation_id, customer_id, exited_at, updated_at);"
            # Nothing has changed since: what asks for later changes goes by this one.
            "create table activation.activation_push_state as from (values"
            " ('d', 'erased', timestamp '2025-10-01', timestamp '2025-10-01'),"
            " ('e', 'erased', timestamp '2025-11-01', timestamp '2025-11-01'))"
            " as t(activation_id, customer_id, exited_at, updated_at)"
        )
    retain(place, today=TODAY)
    assert rows(place, "select activation_id from activation.activation_sms_state order by all") == [("b",), ("c",)]
    assert rows(place, "select activation_id from activation.activation_push_state order by all") == [("e",)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("update reference.purposes set retention_days = null where purpose_code = 'service'", "'service'.*is empty"),
        ("update reference.purposes set retention_days = 0 where purpose_code = 'service'", "'service'.*is 0"),
        (
            "delete from reference.purposes where purpose_code = 'service'",
            "shopify.customer.updated_at: purpose 'service'",
        ),
        ("delete from reference.purposes where purpose_code = 'any_processing'", "marts.consent_events.event_at"),
    ],
)
def test_empty_or_unknown_retention_stops_everything(place: Place, change: str, problem: str) -> None:
    with duckdb.connect(str(place.database)) as connection:
        connection.execute(change)
    with pytest.raises(RetentionError, match=problem):
        retain(place, today=TODAY)
    assert ids(place, "order.parquet") == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (None, "shopify.order: no retention is declared"),
        ({"at": ["bought_at"], "purposes": ["service"]}, "shopify.order.bought_at"),
        ({"at": ["created_at"]}, "shopify.order.created_at: has neither days nor purposes"),
        ({"at": ["created_at"], "days": "long"}, "shopify.order.created_at: 'long'"),
        ({"purposes": ["service"]}, "names no column"),
    ],
)
def test_declaration_that_says_nothing_is_told(entry: dict[str, Any] | None, problem: str) -> None:
    declared = contract("shopify", "order")
    table = raw_table("shopify", "order", [(column["name"], "VARCHAR") for column in declared["columns"]], declared)
    with pytest.raises(RetentionError, match=problem):
        rule_of(table, {"shopify.order": entry} if entry else {}, REGISTERED)


def test_the_longest_purpose_counts() -> None:
    assert days_of("a.b", ["marketing", "service"], REGISTERED) == (1000, "service")


def test_every_raw_table_has_a_retention_in_columns_it_declares() -> None:
    with (PROJECT / "seeds" / "purposes.csv").open(encoding="utf-8") as lines:
        registered = {line.split(",")[0]: 1 for line in lines}
    found = {}
    for path in sorted(PROJECT.glob("models/staging/*/_*__sources.yml")):
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            for table in source["tables"]:
                columns = [{"name": column["name"]} for column in table["columns"]]
                declared = {"source": source["name"], "table": table["name"], "columns": columns}
                raw = raw_table(source["name"], table["name"], [(c["name"], "VARCHAR") for c in columns], declared)
                found[f"{source['name']}.{table['name']}"] = rule_of(raw, declarations(), registered)
    assert set(declarations()) == set(found)
    rules = {name: rule for name, rule in found.items() if rule}
    assert len(list(in_order(rules))) == len(rules)
    assert {rule.follows[1] for rule in rules.values() if rule.follows} <= set(rules)
