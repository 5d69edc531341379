"""Contacts that somebody merges in HubSpot and Salesforce: their customers are found under the id of the one that remained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.acceptance.bench import NO_COLUMN_TESTS, SOURCES, Bench, Run, disabled

# Nobody is like anybody else: what brings two of them together is what the source says.
NAMES = {
    1: "Ada King",
    2: "Bruno Weiss",
    10: "Carla Rossi",
    11: "Dmitri Volkov",
    12: "Esther Cohen",
    20: "Fatou Diallo",
    21: "Gustav Holm",
    30: "Hana Sato",
    40: "Ivo Horvat",
    41: "Jules Martin",
    50: "Kofi Mensah",
    51: "Lena Fischer",
    60: "Mei Chen",
    61: "Nils Berg",
    70: "Olga Petrova",
    71: "Pablo Ruiz",
    80: "Quentin Blake",
    81: "Rosa Lima",
}
VARIABLES: dict[str, Any] = {
    **disabled(*(source for source in SOURCES if source not in ("hubspot", "salesforce", "people"))),
    "as_of": "2026-01-01 00:00:00",
    # So many of so few change that every run would look at everybody.
    "identity_increment_share": 1.0,
}
SELECTED = (*NO_COLUMN_TESTS, "--indirect-selection", "buildable", "--select", "+customer_ids")
LEDGER = "select * from identity.customer_id_ledger order by all"
EVENTS = "select * from identity.customer_id_events order by all"


def write(
    raw: Path,
    contacts: Iterable[int],
    merges: Iterable[tuple[int, int]] = (),
    deleted: Iterable[int] = (),
    listed: str | None = None,
    leads_gone: bool = False,
    others: bool = True,
) -> None:
    """Write a day: contacts of HubSpot (`deleted` by mark), its merges, what contact 71 lists; Salesforce; Mei Chen elsewhere."""
    for folder in ("hubspot", "salesforce", "people"):
        (raw / folder).mkdir(parents=True, exist_ok=True)
    marked = set(deleted)
    with duckdb.connect() as connection:

        def put(table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
            connection.execute(f"create table t ({columns})")
            if rows:
                connection.executemany(f"insert into t values ({', '.join('?' * len(rows[0]))})", rows)
            connection.execute(f"copy t to '{raw}/{table}.parquet'")
            connection.execute("drop table t")

        put(
            "hubspot/contact",
            "id bigint, property_firstname text, property_lastname text, property_email text,"
            " property_hs_calculated_merged_vids text, _fivetran_deleted boolean",
            [
                (n, *NAMES[n].split(), f"contact{n}@example.com", listed if n == 71 else None, n in marked)
                for n in (*contacts, *marked)
            ],
        )
        put(
            "hubspot/contact_merge_audit",
            "canonical_vid bigint, contact_id bigint, vid_to_merge bigint, timestamp timestamp",
            [(new, new, old, "2025-05-05 10:00:00") for old, new in merges],
        )
        put(
            "salesforce/contact",
            "id text, first_name text, last_name text, email text, master_record_id text, is_deleted boolean",
            [
                ("003000000000001AAA", "Sven", "Lund", "sven@example.com", None, False),
                (
                    "003000000000002AAA",
                    "Tara",
                    "Singh",
                    "tara@example.com",
                    "003000000000001AAA" if leads_gone else None,
                    leads_gone,
                ),
            ],
        )
        put(
            "salesforce/lead",
            "id text, first_name text, last_name text, email text, converted_contact_id text, is_deleted boolean",
            [
                (
                    "00Q000000000001AAA",
                    "Uma",
                    "Patel",
                    "uma@example.com",
                    "003000000000002AAA" if leads_gone else None,
                    leads_gone,
                )
            ],
        )
        people = [("mei", "Mei", "Chen", "contact60@example.com")] if others else []
        put("people/person", "record_id text, given_name text, family_name text, email text", people)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("merges")
    bench = Bench(tmp_path_factory.mktemp("bench"))
    raw, database = folder / "raw", folder / "kindred.duckdb"
    built: dict[str, Run] = {}

    def build(day: str, *arguments: str) -> None:
        built[day] = bench.build(raw, database, *SELECTED, *arguments, variables=VARIABLES).snapshot(day)

    everybody = [n for n in NAMES if n != 81]
    write(raw, everybody)
    build("first")
    # 2 goes with a mark, the others without a trace. 40 is still there although it was merged; that 50 was merged is not told yet.
    gone = {2, 10, 11, 20, 21, 30, 50, 60, 70, 80}
    merges = [(2, 1), (10, 11), (11, 12), (20, 21), (21, 20), (30, 99), (40, 41), (60, 61), (80, 81)]
    write(raw, [n for n in NAMES if n not in gone], merges, deleted=[2], listed="70:1746439200000", leads_gone=True)
    build("merged")
    # 41, too, was merged since; the record of Mei Chen elsewhere goes.
    remaining = [n for n in NAMES if n not in {*gone, 40, 41}]
    merges += [(50, 51), (41, 1)]
    write(raw, remaining, merges, deleted=[2], listed="70:1746439200000", leads_gone=True, others=False)
    build("later")
    build("same")
    build("refreshed", "--full-refresh")
    return built


def held(run: Run) -> dict[str, str]:
    """The customer of each record that is there."""
    rows = run.rows("select record_id, customer_id from identity.customer_ids")
    return {str(record).removeprefix("hubspot:contact:"): str(customer) for record, customer in rows}


def redirects(run: Run) -> dict[str, str]:
    """Where each id that was merged away leads to."""
    return dict(run.rows("select old_customer_id, current_customer_id from identity.customer_id_redirects"))


def test_nobody_is_linked_to_begin_with(days: dict[str, Run]) -> None:
    customers = held(days["first"])
    assert customers["people:person:mei"] == customers["60"]
    assert len(set(customers.values())) == len(customers) - 1


def test_merged_contacts_lead_to_the_customer_of_the_one_that_remained(days: dict[str, Run]) -> None:
    first, merged = held(days["first"]), held(days["merged"])
    master = merged["salesforce:contact:003000000000001AAA"]
    assert redirects(days["merged"]) == {
        first["2"]: first["1"],
        first["10"]: first["12"],
        first["11"]: first["12"],
        first["70"]: first["71"],
        first["salesforce:contact:003000000000002AAA"]: master,
        first["salesforce:lead:00Q000000000001AAA"]: master,
    }
    for remained in ("1", "12", "61", "71"):
        assert merged[remained] == first[remained]
    detail = "hubspot:contact:2 ~ hubspot:contact:1, merged in the source"
    rows = "select new_customer_id, record_count, cause, cause_detail from identity.customer_id_events where old_customer_id = '{}'"
    assert days["merged"].rows(rows.format(first["2"])) == [(first["1"], 1, "merged in the source", detail)]


def test_a_customer_goes_on_with_the_new_record_that_its_contact_was_merged_into(days: dict[str, Run]) -> None:
    assert held(days["merged"])["81"] == held(days["first"])["80"]


def test_circles_and_successors_that_are_not_there_do_no_harm(days: dict[str, Run]) -> None:
    first = held(days["first"])
    retired = days["later"].rows("select customer_id from identity.customer_id_registry where status = 'retired'")
    assert {customer for (customer,) in retired} == {first[n] for n in ("20", "21", "30")}


def test_the_day_on_which_a_merge_is_told_does_not_matter(days: dict[str, Run]) -> None:
    first = held(days["first"])
    early, late = redirects(days["merged"]), redirects(days["later"])
    assert held(days["merged"])["40"] == first["40"]
    assert first["50"] not in early
    # 40 into 41 and 41 into 1.
    assert [late[first[n]] for n in ("40", "41", "50")] == [first["1"], first["1"], first["51"]]


def test_a_customer_with_other_records_goes_on_until_they_are_gone(days: dict[str, Run]) -> None:
    first = held(days["first"])
    assert held(days["merged"])["people:person:mei"] == first["60"]
    assert redirects(days["later"])[first["60"]] == first["61"]


def test_the_ledger_says_whose_a_record_was_that_is_gone(days: dict[str, Run]) -> None:
    first = held(days["first"])
    rows = (
        "select customer_id, first_customer_id, removed_at is not null from identity.customer_id_ledger"
        " where record_id = 'hubspot:contact:2'"
    )
    assert days["later"].rows(rows) == [(first["1"], first["2"], True)]
    removed = "select removed_at from identity.customer_id_ledger where record_id = 'hubspot:contact:50'"
    assert days["later"].rows(removed) == days["merged"].rows(removed)


@pytest.mark.parametrize("day", ["same", "refreshed"])
@pytest.mark.parametrize("rows", [LEDGER, EVENTS])
def test_the_same_data_and_a_full_refresh_write_nothing(days: dict[str, Run], day: str, rows: str) -> None:
    assert days[day].rows(rows) == days["later"].rows(rows)
