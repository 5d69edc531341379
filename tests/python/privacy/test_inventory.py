"""What ties a column to a person is declared; what is not declared is told."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import yaml

from python_udfs.privacy.inventory import built_kind, built_table, declarations, inventory, raw_table, uncovered
from python_udfs.privacy.subject import Subject, find_customer, free_text_pattern

PROJECT = Path(__file__).resolve().parents[3]


def raw_contracts() -> list[dict]:
    """All raw tables as their sources declare them."""
    found = []
    for path in sorted(PROJECT.glob("models/staging/*/_*__sources.yml")):
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            for table in source["tables"]:
                columns = [
                    {
                        "name": column["name"],
                        "data_type": column["data_type"],
                        **(column.get("config") or {}).get("meta", {}),
                    }
                    for column in table["columns"]
                ]
                found.append({"source": source["name"], "table": table["name"], "columns": columns})
    return found


@pytest.mark.parametrize("contract", raw_contracts(), ids=lambda contract: f"{contract['source']}.{contract['table']}")
def test_every_raw_column_that_looks_like_an_id_is_declared(contract: dict) -> None:
    columns = [(column["name"], column["data_type"].upper().split("(")[0]) for column in contract["columns"]]
    table = raw_table(contract["source"], contract["table"], columns, contract)
    assert uncovered([table]) == []


def test_declarations_name_raw_tables_and_columns_that_exist() -> None:
    known = {
        f"{one['source']}.{one['table']}": {column["name"] for column in one["columns"]} for one in raw_contracts()
    }
    for table, columns in declarations()["raw"].items():
        assert set(columns) <= known[table], table


def test_a_record_of_a_table_of_people_is_one_of_its_source() -> None:
    contract = next(one for one in raw_contracts() if (one["source"], one["table"]) == ("people", "person"))
    rows = "(values ('17', 'crm'), ('17', ' '), ('17', null), ('17', 'people'), (null, 'crm')) as person (record_id, source)"
    table = raw_table("people", "person", [("record_id", "VARCHAR"), ("source", "VARCHAR")], contract)
    alone = raw_table("people", "person", [("record_id", "VARCHAR")], contract)
    assert table.key and alone.key and table.key in table.matches
    with duckdb.connect() as connection:
        found = [connection.execute(f"select {key[0]} from {rows}").fetchall() for key in (table.key, alone.key)]
    assert found[0] == [("crm:17",), ("17",), ("17",), ("17",), (None,)]
    assert found[1] == [("17",)] * 4 + [(None,)]


@pytest.mark.parametrize("text", ["people:person:crm:17", "crm:17", "17"])
def test_a_person_is_found_by_the_number_of_a_source_of_a_table_of_people(text: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create schema identity; create schema marts;"
            "create table identity.customer_ids as from (values ('c1', 'people:person:crm:17'), ('c2', 'people:person:shop:18'))"
            " as ids (customer_id, record_id);"
            "create table identity.customer_id_redirects (old_customer_id varchar, current_customer_id varchar);"
            "create table identity.customer_id_ledger (customer_id varchar, record_id varchar);"
            "create table marts.customer_identifiers (customer_id varchar, identifier_value varchar)"
        )
        assert find_customer(connection, text) == "c1"


@pytest.mark.parametrize("column", ["buyer_email", "shopper_id", "mobile"])
def test_planted_column_without_declaration_is_told(column: str) -> None:
    contract = {"source": "shop", "table": "visit", "columns": [{"name": column}]}
    assert uncovered([raw_table("shop", "visit", [(column, "VARCHAR")], contract)]) == [f"shop.visit.{column}"]


def test_planted_column_of_a_built_table_is_told() -> None:
    table = built_table("marts", "visits", [("shopper_id", "VARCHAR"), ("customer_id", "VARCHAR")])
    assert uncovered([table]) == ["marts.visits.shopper_id"]


def test_kinds_of_built_columns() -> None:
    assert built_kind("customer_id") == built_kind("left_customer_id") == "customer_id"
    assert built_kind("shopify_customer_id") == "shopify.customer"
    assert built_kind("right_key") == "record_key"
    assert built_kind("source_record_id") == "none"
    assert built_kind("order_count") is None


def test_views_of_built_tables_are_left_out() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.customers (customer_id varchar)")
        connection.execute("create view marts.seen as select * from marts.customers")
        assert [table.name for table in inventory(connection)] == ["customers"]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("write to ann.lee@x.org.", True),
        ("ANN.LEE@x.org, please", True),
        ("consent:shopify:customer:1000:flag", True),
        ("joann.lee@x.org", False),
        ("ann.lee@x.org.uk", False),
        ("annxlee@x.org", False),
        ("shopify:customer:10001", False),
    ],
)
def test_only_whole_identifiers_count_in_free_text(text: str, is_found: bool) -> None:
    subject = Subject("c1", {"email": {"ann.lee@x.org"}, "record_id": {"shopify:customer:1000"}})
    pattern = free_text_pattern(subject)
    assert bool(re.search(pattern, text, re.IGNORECASE)) is is_found
    with duckdb.connect() as connection:
        assert connection.execute("select regexp_matches(?, ?, 'i')", [text, pattern]).fetchall() == [(is_found,)]


def test_both_forms_of_an_id_of_salesforce_are_the_record_that_staging_makes() -> None:
    contract = next(one for one in raw_contracts() if (one["source"], one["table"]) == ("salesforce", "task"))
    table = raw_table("salesforce", "task", [("id", "VARCHAR"), ("who_id", "VARCHAR")], contract)
    expressions = {kind: expression for expression, kind in table.matches}
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {expressions['salesforce.contact']} from"
            " (values ('003aB00000zZZZZ'), ('003aB00000zZZZZQA4'), (null), ('003')) as task (who_id)"
        ).fetchall()
    assert found == [("003aB00000zZZZZQA4",), ("003aB00000zZZZZQA4",), (None,), ("003",)]
