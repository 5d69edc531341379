"""Increments of the linkage give the clusters of a full run on the same data, through the project's own dbt."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from python_udfs.privacy.keys import Key
from python_udfs.privacy.rectify import Request, rectify_subject
from python_udfs.privacy.store import Place
from tests.python.acceptance.bench import DBT, SOURCES, Bench, Run, disabled

CAP = 6
VARIABLES: dict[str, Any] = {
    **disabled(*(source for source in SOURCES if source != "people")),
    "identity_feeds": [
        {
            "model": "stg_people__records",
            "source": "people",
            "entity": "person",
            "identifiers": {"loyalty_card": "card"},
        }
    ],
    # A small cap, so that a few records bring a block over it and back.
    "identity_block_cap": CAP,
    "identity_alike_records": CAP,
    "identity_blocking_rules": ["email", "given+family", "given+postal", "family+birth_date", "given+birth_date"],
    "identity_increment_share": 0.9,
    "identity_overrides_relation": "decisions.overrides",
    "as_of": "2026-01-01 00:00:00",
}
RIGHT = "right{}@example.com"
GOLDEN = (
    "run",
    "--select",
    "+as_of_time",
    "int_customer_records",
    "int_customer_attribute_values",
    "customer_attributes",
    "customer_attribute_lineage",
    "int_customer_golden_values",
)
LINKAGE = ("run", "--select", "path:models/identity", "+stg_people__records")
GIVEN = [
    "Ada",
    "Bo",
    "Cyrus",
    "Dora",
    "Emil",
    "Fay",
    "Gus",
    "Hanna",
    "Ivo",
    "June",
    "Karl",
    "Lena",
    "Milo",
    "Nora",
    "Otto",
    "Pia",
]
FAMILY = [
    "Abbot",
    "Baker",
    "Carver",
    "Drake",
    "Ellis",
    "Foster",
    "Grant",
    "Harlow",
    "Irving",
    "Jansen",
    "Keller",
    "Lowell",
]


@dataclass(frozen=True)
class Record:
    """A row of the raw table of people."""

    record_id: str
    given_name: str | None
    family_name: str | None
    birth_date: date | None
    email: str | None
    postal_code: str | None
    card: str | None = None


def population(people: int, seed: int) -> list[Record]:
    """People with one to four records each, some of them with slips and gaps."""
    draw = random.Random(seed)
    records = []
    for person in range(people):
        given, family = draw.choice(GIVEN), draw.choice(FAMILY)
        born = date(1940, 1, 1) + timedelta(days=draw.randrange(25_000))
        email = f"{given}.{family}{person}@example.com".lower()
        postal = str(10_000 + draw.randrange(60))
        card = f"card{person}" if draw.random() < 0.2 else None
        for copy in range(draw.choice([1, 1, 2, 2, 3, 4])):
            records.append(
                Record(
                    f"r{person:03d}-{copy}",
                    given if draw.random() > 0.1 else given[:-1],
                    family if draw.random() > 0.1 else family[0] + family[2:],
                    born if draw.random() > 0.3 else None,
                    email if draw.random() > 0.3 else None,
                    postal if draw.random() > 0.3 else None,
                    card if draw.random() > 0.3 else None,
                )
            )
    return records


def regular_guest(orders: int) -> list[Record]:
    """Somebody who leaves the same record with every order."""
    return [
        Record(f"guest{n}", "Quentin", "Mirek", date(1971, 2, 3), "q.mirek@example.com", "10001") for n in range(orders)
    ]


def write(raw: Path, records: list[Record]) -> None:
    (raw / "people").mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            "create table person (record_id text, given_name text, family_name text, birth_date date, email text,"
            " postal_code text, card text)"
        )
        connection.executemany(
            "insert into person values (?, ?, ?, ?, ?, ?, ?)", [list(vars(record).values()) for record in records]
        )
        connection.execute(f"copy person to '{raw}/people/person.parquet'")


def decide(database: Path, *decisions: tuple[str, str, str]) -> None:
    """Write down what people decided: (decision, left record, right record)."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists decisions")
        connection.execute(
            "create or replace table decisions.overrides (decision text, left_record_id text, right_record_id text,"
            " decided_by text, decided_at text, reason text, expires_at text)"
        )
        for decision, left, right in decisions:
            connection.execute(
                "insert into decisions.overrides values (?, ?, ?, 'Ada', '2025-06-01', 'known in person', null)",
                [decision, f"people:person:{left}", f"people:person:{right}"],
            )


def put_right(database: Path, record: Record, email: str) -> None:
    """Rectify the e-mail address of the customer of a record."""
    place = Place(database, None, database.parent / "exports", database.parent / "backups", ())
    outcome = rectify_subject(
        place, Key(b"of this test only"), f"people:person:{record.record_id}", Request({"email": email})
    )
    assert outcome.rows


def clusters(run: Run) -> dict[str, str]:
    """The first record of the cluster of every record, by their own ids."""
    return dict(
        run.rows("select record_id, min(record_id) over (partition by cluster_key) from identity.identity_clusters")
    )


def pairs(run: Run) -> set[tuple[str, str, float]]:
    """All scored pairs by the ids of their records, with their weight."""
    return set(
        run.rows(
            """
            select least(l.record_id, r.record_id), greatest(l.record_id, r.record_id), round(match_weight, 6)
            from identity.identity_scored_pairs
            inner join identity.identity_features as l on left_key = l.record_key
            inner join identity.identity_features as r on right_key = r.record_key
            """
        )
    )


@dataclass(frozen=True)
class Days:
    """The databases after each increment, and after a full run on the data of some days with the same weights."""

    increments: dict[str, Run]
    full: dict[str, Run]
    # Two records whose e-mail address was put right before the third day; the source of the second sends another on the fourth.
    rectified: tuple[str, str]
    golden: Run


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    folder = tmp_path_factory.mktemp("increments")
    bench = Bench(tmp_path_factory.mktemp("bench"))
    raw, database = folder / "raw", folder / "kindred.duckdb"
    increments: dict[str, Run] = {}
    full: dict[str, Run] = {}

    def run(path: Path, *arguments: str) -> Run:
        finished = bench.run((*DBT[:-1], *LINKAGE), raw, path, *arguments, variables=VARIABLES)
        assert finished.returncode == 0, finished.output
        return finished

    def day(name: str, records: list[Record], *, compared: bool = False) -> None:
        write(raw, records)
        increments[name] = run(database).snapshot(name)
        if not compared:
            return
        (folder / f"full_{name}").mkdir()
        copy = folder / f"full_{name}" / database.name
        copy.write_bytes(database.read_bytes())
        full[name] = run(copy, "--full-refresh")

    decide(database)
    base = population(160, seed=5)
    write(raw, base)
    seeded = bench.run((*DBT[:-1], "seed"), raw, database, variables=VARIABLES)
    assert seeded.returncode == 0, seeded.output
    increments["base"] = run(database).snapshot("base")

    # New records join people, tie two of them together, and come for people never seen; some change, some go.
    late = [record for record in population(200, seed=5) if record not in base]
    bridge = replace(base[0], record_id="a-bridge", email=base[5].email, birth_date=base[5].birth_date)
    changed = [replace(record, family_name="Zimmer") if n % 11 == 3 else record for n, record in enumerate(base)]
    second = [record for n, record in enumerate(changed) if n % 17 != 9] + late + [bridge]
    # Two strangers whom only a shared address makes a pair.
    second += [Record(f"desk{n}", GIVEN[-1 - n], FAMILY[-1 - n], None, "desk@example.com", None) for n in range(2)]
    day("second", second + regular_guest(CAP))
    # More records with that address bring its block over the cap, and the pair that only the address found goes.
    box = [Record(f"box{n}", GIVEN[n], FAMILY[n], None, "desk@example.com", None) for n in range(CAP)]
    third = second + box + regular_guest(CAP + 3)
    stay, move = [record for record in base if record in second and record.email][5:20:14]
    put_right(database, stay, RIGHT.format(0))
    put_right(database, move, RIGHT.format(1))
    day("third", third, compared=True)
    # Most of them go again, and people decide. One source sends an address of its own in the place of one that was put right.
    second = [replace(record, email="moved@example.com") if record == move else record for record in second]
    decide(database, ("must_link", "box0", "box1"), ("cannot_link", base[1].record_id, base[2].record_id))
    day("fourth", second + box[:2] + regular_guest(CAP + 1))
    # The decisions are withdrawn, nothing else happens.
    decide(database)
    day("fifth", second + box[:2] + regular_guest(CAP + 1), compared=True)
    golden = bench.run((*DBT[:-1], *GOLDEN), raw, database, variables=VARIABLES)
    assert golden.returncode == 0, golden.output
    rectified = (f"people:person:{stay.record_id}", f"people:person:{move.record_id}")
    return Days(increments, full, rectified, golden)


@pytest.mark.parametrize("name", ["third", "fifth"])
def test_increments_equal_a_full_run_on_the_same_data(days: Days, name: str) -> None:
    increment, full = days.increments[name], days.full[name]
    assert increment.value("select mode from identity.identity_completed_run") == "increment"
    assert full.value("select mode from identity.identity_completed_run") == "full"
    assert not full.value("select must_train from identity.identity_completed_run"), "a full refresh keeps the weights"
    assert clusters(increment) == clusters(full)
    assert pairs(increment) == pairs(full)


def test_the_days_change_what_they_are_meant_to(days: Days) -> None:
    """Otherwise increments that do nothing would pass: a merge, a block over the cap, a decision and its withdrawal."""
    before, second, _, fourth, fifth = (clusters(run) for run in days.increments.values())
    known = before.keys() & second.keys()
    assert any(before[record] != second[record] for record in known)
    assert len(before.keys() - second.keys()) > 5
    desk = ("people:person:desk0", "people:person:desk1")
    query = """
        select count(*) from identity.identity_comparisons
        inner join identity.identity_features as l on left_key = l.record_key
        inner join identity.identity_features as r on right_key = r.record_key
        where l.email = 'desk@example.com' and r.email = l.email and least(l.record_id, r.record_id) = '{}'
            and greatest(l.record_id, r.record_id) = '{}'
    """.format(*desk)
    found = {name for name, run in days.increments.items() if run.value(query)}
    assert found == {"second", "fourth", "fifth"}, "the block is over the cap on the third day alone"
    assert fourth["people:person:box0"] == fourth["people:person:box1"]
    for name, run in days.increments.items():
        guests = [cluster for record, cluster in clusters(run).items() if "guest" in record]
        assert len(set(guests)) == (0 if name == "base" else 1), (
            f"{name}: alike records are one person over the cap, too"
        )
    assert fifth["people:person:box0"] != fifth["people:person:box1"]


def test_what_was_put_right_holds_until_the_source_sends_another_value(days: Days) -> None:
    query = """
        select list(email order by record_id = '{1}') from identity.identity_features where record_id in ('{0}', '{1}')
    """.format(*days.rectified)
    found = {name: run.value(query) for name, run in days.increments.items()}
    right = [RIGHT.format(0), RIGHT.format(1)]
    assert not set(found["second"]) & set(right)
    assert found["third"] == right
    assert found["fourth"] == found["fifth"] == [right[0], "moved@example.com"]
    status = "select distinct record_id, status from identity.identity_rectifications where record_id in ('{0}', '{1}')"
    told = dict(days.increments["fifth"].rows(status.format(*days.rectified)))
    assert told == dict(zip(days.rectified, ("applied", "overtaken"), strict=True))


def test_customers_have_what_was_put_right_and_tell_so(days: Days) -> None:
    query = """
        select golden.email, lineage.decided_by_rule, lineage.is_rectified
        from identity.customer_ids as ids
        inner join intermediate.int_customer_golden_values as golden on ids.customer_id = golden.customer_id
        inner join marts.customer_attribute_lineage as lineage
            on ids.customer_id = lineage.customer_id and lineage.attribute = 'email'
        where ids.record_id = '{}'
    """
    assert days.golden.rows(query.format(days.rectified[0])) == [(RIGHT.format(0), "rectified", True)]


def test_an_increment_touches_few_records(days: Days) -> None:
    fifth = days.increments["fifth"]
    assert fifth.value("select count(*) from identity.identity_changes") == 0
    touched = fifth.value("select count(*) from identity.identity_reclustered_records")
    assert 0 < touched < fifth.value("select count(*) from identity.identity_clusters") / 5


def test_increments_of_python_models_leave_no_tables_behind(days: Days) -> None:
    tables = {str(name) for (name,) in days.increments["fifth"].rows("select table_name from duckdb_tables()")}
    assert "identity_components" in tables
    assert [name for name in tables if "__dbt_tmp" in name] == []


def test_a_run_that_breaks_off_is_followed_by_a_full_one(days: Days, tmp_path: Path) -> None:
    """The state of the linkage is only believed when the run that wrote it came to its end."""
    with duckdb.connect(str(days.increments["second"].database)) as connection:
        connection.execute("update identity.identity_run set run_id = 'broken off'")
    raw, folder = tmp_path / "raw", tmp_path / "bench"
    folder.mkdir()
    write(raw, population(160, seed=5))
    done = Bench(folder).run((*DBT[:-1], *LINKAGE), raw, days.increments["second"].database, variables=VARIABLES)
    assert done.returncode == 0, done.output
    assert done.value("select full_reason from identity.identity_completed_run") == "the last run did not complete"
