"""Files in the raw folder that nobody reads are told, with the name that was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_udfs.raw.unread import shortened, unread_files

DECLARED = [
    {"source": source, "table": table}
    for source, table in (
        ("hubspot", "contact"),
        ("klaviyo", "person"),
        ("segment", "pages"),
        ("shopify", "customer"),
        ("shopify", "order"),
    )
]


def put(raw: Path, *names: str) -> None:
    for name in names:
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text("id\n1\n")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("hubspt/contact.csv", "there is no source hubspt. Did you mean hubspot/contact?"),
        ("Shopify/customer.csv", "there is no source Shopify. Did you mean shopify/customer?"),
        ("shopify/orders.csv", "shopify has no table orders. Did you mean shopify/order?"),
        ("klaviyo/person.jsonl", "only .parquet and .csv files are."),
        ("segment/pages.csv.gz", "only .parquet and .csv files are."),
        ("order.csv", "it lies in no folder of a source. Did you mean shopify/order?"),
        ("shopify/2024/order.csv", "it does not lie in shopify itself. Did you mean shopify/order?"),
        ("erp/ledger.csv", "there is no source erp."),
    ],
)
def test_file_that_is_not_read_is_told_with_the_nearest_name(tmp_path: Path, name: str, told: str) -> None:
    put(tmp_path, name)
    assert unread_files(tmp_path, DECLARED) == [f"{name} is not read: {told}"]


def test_files_that_are_read_and_hidden_ones_are_not_told(tmp_path: Path) -> None:
    put(tmp_path, "demo.txt", "shopify/order.csv", "shopify/order.day1.CSV", "klaviyo/person.20240101.parquet")
    put(tmp_path, ".DS_Store", "shopify/.order.csv.partial", ".git/config")
    assert unread_files(tmp_path, DECLARED) == []


def test_switched_off_source_is_told_only_where_it_is_asked_for(tmp_path: Path) -> None:
    put(tmp_path, "zendesk/user.csv")
    assert unread_files(tmp_path, DECLARED) == []
    assert unread_files(tmp_path, DECLARED, with_switched_off=True) == [
        "zendesk/user.csv is not read: the source zendesk is switched off."
    ]


def test_many_files_are_counted(tmp_path: Path) -> None:
    put(tmp_path, *(f"erp/ledger{number:02}.csv" for number in range(12)))
    told = shortened(unread_files(tmp_path, DECLARED))
    assert told == ["12 files are not read, such as erp/ledger00.csv."]
    assert len(shortened(unread_files(tmp_path, DECLARED)[:10])) == 10
    put(tmp_path, "shopify/orders.csv", "hubspt/contact.csv")
    assert shortened(unread_files(tmp_path, DECLARED)) == [
        "hubspt/contact.csv is not read: there is no source hubspt. Did you mean hubspot/contact?",
        "shopify/orders.csv is not read: shopify has no table orders. Did you mean shopify/order?",
        "12 further files are not read, such as erp/ledger00.csv.",
    ]


def test_another_table_of_a_tool_is_no_slip(tmp_path: Path) -> None:
    put(tmp_path, "hubspot/contact_list.csv")
    assert unread_files(tmp_path, DECLARED) == [
        "hubspot/contact_list.csv is not read: hubspot has no table contact_list."
    ]
