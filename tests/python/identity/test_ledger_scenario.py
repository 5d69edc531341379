"""The life of customer ids over several days, through the project's own dbt."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.acceptance.bench import DBT, NO_COLUMN_TESTS, NO_UNIT_TESTS, SOURCES, Bench, Run, disabled

# Records share an account or a card; record `bridge` has the account of Ada's records and the card of those of A. King.
ADA = [
    ("ada1", "Ada", "King", "ada@example.com", "account1", None),
    ("ada2", "Ada", "King", "ada@example.com", "account1", None),
    ("ada3", "Ada", "King", None, "account1", None),
]
COUNTESS = [
    ("countess1", "Ada", "King", "countess@example.com", None, "card7"),
    ("countess2", "Ada", "King", "countess@example.com", None, "card7"),
]
BRIDGE = [("bridge", "Ada", "King", None, "account1", "card7")]
BO = [("bo1", "Bo", "Lind", "bo@example.com", None, None)]
CY = [("cy1", "Cy", "Moss", "cy@example.com", None, None)]
VARIABLES: dict[str, Any] = {
    **disabled(*(source for source in SOURCES if source not in ("people", "consent"))),
    "identity_feeds": [
        {
            "model": "stg_people__records",
            "source": "people",
            "entity": "person",
            "identifiers": {"user_id": "account", "loyalty_card": "card"},
        }
    ],
    "as_of": "2026-01-01 00:00:00",
}
EVERYTHING = (
    *NO_COLUMN_TESTS,
    "--indirect-selection",
    "buildable",
    "--select",
    "+customer_ids",
    "+activation_email_current",
)
IDENTITY = (*NO_COLUMN_TESTS, "--indirect-selection", "buildable", "--select", "+customer_ids")
LEDGER_ALONE = (*NO_COLUMN_TESTS, "path:models/marts", "--select", "identity_id_previous+")
NO_TESTS = (*NO_UNIT_TESTS, "--exclude-resource-type", "test")
EVENTS = (
    "select event_type, old_customer_id, new_customer_id, record_count, cause, cause_detail"
    " from identity.customer_id_events where ledger_version = {} order by all"
)


def id_of(founder: str) -> str:
    """The first id of a customer of which this is the smallest record id; no record has a date."""
    return "c" + md5(f"people:person:{founder}".encode()).hexdigest()[:16]


ADA_ID, COUNTESS_ID, BO_ID, CY_ID = id_of("ada1"), id_of("countess1"), id_of("bo1"), id_of("cy1")


def write(raw: Path, *people: list[tuple[Any, ...]]) -> None:
    """Write the people of a day, and that everybody with an address wants e-mail."""
    rows = [row for group in people for row in group]
    for folder in ("people", "consent"):
        (raw / folder).mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            "create table person (record_id text, given_name text, family_name text, email text,"
            " account text, card text)"
        )
        connection.executemany("insert into person values (?, ?, ?, ?, ?, ?)", rows)
        connection.execute(f"copy person to '{raw}/people/person.parquet'")
        connection.execute(
            f"""
            copy (
                select 'event-' || email as event_id, 'email' as identifier_type, email as identifier,
                    'marketing' as purpose, 'email' as channel, state, 'consent' as lawful_basis,
                    timestamp '2025-01-01' + to_days(day) as event_at, event_at as received_at, 'US' as country
                from (select distinct email from person where email is not null)
                cross join (values ('granted', 1), ('confirmed', 2)) as t (state, day)
            ) to '{raw}/consent/preference_event.parquet'
            """
        )


@dataclass(frozen=True)
class Life:
    """The same database after each of its days."""

    days: dict[str, Run]
    refusal: str


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    folder = tmp_path_factory.mktemp("ledger")
    bench = Bench(tmp_path_factory.mktemp("bench"))
    raw, database = folder / "raw", folder / "kindred.duckdb"
    days: dict[str, Run] = {}

    def build(day: str, *arguments: str) -> None:
        days[day] = bench.build(raw, database, *arguments, variables=VARIABLES).snapshot(day)

    write(raw, ADA, COUNTESS, BO)
    build("first", *EVERYTHING)
    write(raw, ADA, COUNTESS, BO, BRIDGE)
    build("bridged", *EVERYTHING)
    # A run that dies when its events are written: Bo has gone and Cy has come, which by the next run is no longer true.
    write(raw, ADA, COUNTESS, CY)
    bench.build(raw, database, *NO_TESTS, "--select", "+customer_id_events", variables=VARIABLES)
    days["died"] = Run(0, "", database).snapshot("died")
    write(raw, ADA, COUNTESS, BO)
    build("undone", *IDENTITY)
    build("same", *LEDGER_ALONE)
    build("refreshed", *IDENTITY, "--full-refresh")
    write(raw, ADA, COUNTESS)
    build("gone", *IDENTITY)
    write(raw, ADA, COUNTESS, BO)
    build("back", *IDENTITY)
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table identity.customer_id_ledger")
    refused = bench.run(DBT, raw, database, *NO_TESTS, "--select", "customer_id_events", variables=VARIABLES)
    assert refused.returncode != 0
    return Life(days, refused.output)


def customers(run: Run) -> dict[str, str]:
    """Customer id of each record."""
    rows = run.rows("select replace(record_id, 'people:person:', ''), customer_id from identity.customer_ids")
    return dict(rows)


APART = {"ada1": ADA_ID, "ada2": ADA_ID, "ada3": ADA_ID, "countess1": COUNTESS_ID, "countess2": COUNTESS_ID}


def test_first_ids_are_derived_from_the_first_record(life: Life) -> None:
    assert customers(life.days["first"]) == {**APART, "bo1": BO_ID}
    assert life.days["first"].rows(EVENTS.format(1)) == sorted(
        ("created", None, new, count, "first run", None) for new, count in ((ADA_ID, 3), (COUNTESS_ID, 2), (BO_ID, 1))
    )


def test_a_bridging_record_merges_into_the_larger_customer(life: Life) -> None:
    run = life.days["bridged"]
    assert set(customers(run).items()) == {(record, ADA_ID) for record in (*APART, "bridge")} | {("bo1", BO_ID)}
    ((event, old, new, count, cause, detail),) = run.rows(EVENTS.format(2))
    assert (event, old, new, count, cause) == ("merged", COUNTESS_ID, ADA_ID, 2, "new records")
    assert detail == "people:person:bridge ~ people:person:countess1, loyalty_card"
    redirects = "select old_customer_id, current_customer_id, since is not null from identity.customer_id_redirects"
    assert run.rows(redirects) == [(COUNTESS_ID, ADA_ID, True)]
    first, last = "first_customer_id", "max(customer_id)"
    moved = run.rows(f"select {first}, {last} from identity.customer_id_ledger where {first} <> customer_id group by 1")
    assert moved == [(COUNTESS_ID, ADA_ID)]


def test_after_a_merge_the_old_id_leaves_segments_and_audiences_with_a_reason(life: Life) -> None:
    first, bridged = life.days["first"], life.days["bridged"]
    in_segment = f"select segment_name from marts.segment_membership where customer_id = '{COUNTESS_ID}'"
    assert first.rows(in_segment) != []
    assert bridged.rows(in_segment) == []
    left = bridged.rows(
        "select segment_name, exit_reason from marts.segment_membership_history"
        f" where customer_id = '{COUNTESS_ID}' and not is_current"
    )
    assert sorted(left) == sorted((segment, f"merged into {ADA_ID}") for (segment,) in first.rows(in_segment))
    audience = "select email from activation.activation_email_current where customer_id = '{}' order by email"
    assert first.rows(audience.format(COUNTESS_ID)) == [("countess@example.com",)]
    assert bridged.rows(audience.format(COUNTESS_ID)) == []
    assert bridged.rows(audience.format(ADA_ID)) == [("ada@example.com",), ("countess@example.com",)]
    removed = bridged.rows(
        "select exit_reason, email from activation.activation_email_state where is_deleted"
        f" and activation_id = (select md5('{COUNTESS_ID}|countess@example.com'))"
    )
    # Without the address, which is Ada's now: a tool that deletes by it would remove her.
    assert removed == [(f"merged into {ADA_ID}", None)]


def test_a_run_that_died_before_its_ledger_leaves_no_trace(life: Life) -> None:
    died, undone = life.days["died"], life.days["undone"]
    assert ("retired", BO_ID) in died.rows("select event_type, old_customer_id from identity.customer_id_events")
    assert customers(died) == customers(life.days["bridged"])
    events = "select event_id from identity.customer_id_events where '{}' in (old_customer_id, new_customer_id)"
    assert died.rows(events.format(CY_ID)) != []
    assert undone.rows(events.format(CY_ID)) == []
    assert len(undone.rows(events.format(BO_ID))) == 1
    assert undone.rows("select distinct ledger_version from identity.customer_id_events order by all") == [
        (1,),
        (2,),
        (3,),
    ]
    before = "select * from identity.customer_id_events where ledger_version < 3 order by all"
    assert undone.rows(before) == life.days["bridged"].rows(before)


def test_without_the_bridge_both_ids_are_back(life: Life) -> None:
    run = life.days["undone"]
    assert customers(run) == {**APART, "bo1": BO_ID}
    assert run.rows(EVENTS.format(3)) == [("restored", ADA_ID, COUNTESS_ID, 2, "merge undone", None)]
    assert run.rows("select * from identity.customer_id_redirects") == []
    status = "select customer_id, status from identity.customer_id_registry order by all"
    assert run.rows(status) == sorted((customer, "live") for customer in (ADA_ID, COUNTESS_ID, BO_ID))
    removed = "select record_id, customer_id from identity.customer_id_ledger where removed_at is not null"
    assert run.rows(removed) == [("people:person:bridge", ADA_ID)]


@pytest.mark.parametrize("day", ["same", "refreshed"])
@pytest.mark.parametrize("table", ["customer_id_events", "customer_id_ledger"])
def test_the_same_data_and_a_full_refresh_write_nothing(life: Life, day: str, table: str) -> None:
    rows = f"select * from identity.{table} order by all"
    assert life.days[day].rows(rows) == life.days["undone"].rows(rows)


def test_an_id_is_retired_with_its_last_record_and_comes_back_with_it(life: Life) -> None:
    gone, back = life.days["gone"], life.days["back"]
    assert customers(gone) == APART
    assert gone.rows(EVENTS.format(4)) == [("retired", BO_ID, None, 1, "records deleted", None)]
    assert customers(back) == {**APART, "bo1": BO_ID}
    assert back.rows(EVENTS.format(5)) == [("restored", None, BO_ID, 1, "new records", None)]


def test_a_lost_ledger_is_not_overwritten(life: Life) -> None:
    assert "the ledger was dropped or is an old copy" in life.refusal
    assert "Restore identity.customer_id_ledger from a backup" in life.refusal
