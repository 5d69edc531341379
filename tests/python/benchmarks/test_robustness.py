"""The populations of the robustness benchmark are what they say, and the benchmark measures what the models give."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import duckdb
import pytest
import yaml

from benchmarks.linkage import PROJECT
from benchmarks.populations import COLUMNS, KINDS, POPULATIONS
from benchmarks.robustness import STEPS, inputs, main, measure, remove_attribute


@pytest.mark.parametrize("name", list(POPULATIONS))
def test_a_population_is_the_same_for_the_same_seed_and_another_for_another(name: str) -> None:
    first, again, other = (POPULATIONS[name](60, seed) for seed in (1, 1, 2))
    assert first.column_names == [*COLUMNS, "household"]
    assert first.equals(again)
    assert not first.equals(other)
    assert len(set(first["record_id"].to_pylist())) == len(first)
    people = Counter(first["truth"].to_pylist())
    assert len(people) >= 60
    assert max(people.values()) >= 2


def test_families_have_namesakes_twins_and_shared_mailboxes() -> None:
    rows = POPULATIONS["families"](1500, 1).to_pylist()
    people = defaultdict(set)
    mailboxes = defaultdict(set)
    births = defaultdict(set)
    for row in rows:
        if row["given_name"] and row["family_name"] and row["street_address"]:
            people[row["given_name"], row["family_name"], row["street_address"]].add(row["truth"])
        if row["birth_date"] and row["street_address"]:
            births[row["birth_date"], row["street_address"]].add(row["truth"])
        mailboxes[row["email"]].add(row["truth"])
    for shared in (people, births, {mailbox: who for mailbox, who in mailboxes.items() if mailbox}):
        assert max(len(who) for who in shared.values()) >= 2


def test_two_clean_sources_hold_a_person_once_each() -> None:
    rows = POPULATIONS["two_clean_sources"](500, 1).to_pylist()
    assert max(Counter((row["source"], row["truth"]) for row in rows).values()) == 1
    assert len({row["source"] for row in rows}) == 2


def test_a_double_of_the_registry_has_one_slip() -> None:
    people = defaultdict(list)
    for row in POPULATIONS["registry"](600, 1).to_pylist():
        people[row["truth"]].append((row["given_name"], row["family_name"], row["birth_date"]))
    doubles = [records for records in people.values() if len(records) > 1]
    assert len(doubles) > 30
    differences = [sum(one != other for one, other in zip(*records, strict=True)) for records in doubles]
    # A letter may be replaced by itself.
    assert set(differences) <= {0, 1}
    assert sum(differences) > 0.9 * len(doubles)


def test_members_of_the_small_club_share_its_address_phone_and_mailbox() -> None:
    rows = POPULATIONS["small_club"](4000, 1).to_pylist()
    assert len({row["truth"] for row in rows}) == 100
    for name in ("street_address", "phone", "email"):
        people = defaultdict(set)
        for row in rows:
            people[row[name]].add(row["truth"])
        assert max(len(who) for value, who in people.items() if value) > 10


def test_a_removed_attribute_leaves_no_trace_in_staging(tmp_path: Path) -> None:
    database = tmp_path / "staged.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema staging")
        connection.execute(
            "create table staging.stg_people__records as"
            " select 'a' as record_id, 'Lee' as family_name, 'Ann Lee' as full_name, '1' as phone, 'x@y.z' as email"
        )
    remove_attribute(database, KINDS["name"])
    with duckdb.connect(str(database)) as connection:
        rows = connection.execute("select * from staging.stg_people__records").fetchall()
    assert rows == [("a", None, None, "1", "x@y.z")]


def test_records_without_a_customer_count_as_customers_of_their_own(tmp_path: Path) -> None:
    database = tmp_path / "done.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema identity")
        connection.execute("create table identity.identity_comparisons as select 1 as left_key, 2 as right_key")
        connection.execute("create table identity.customer_ids (record_id varchar, customer_id varchar)")
        connection.execute("insert into identity.customer_ids values ('a', 'c1'), ('b', 'c1'), ('c', 'c2')")
    truth = "select * from (values ('a', 'p'), ('b', 'p'), ('c', 'p'), ('d', 'q')) as truth (record_id, entity)"
    outcome = measure(database, truth, seconds=0.0)
    assert (outcome.records, outcome.entities, outcome.customers) == (4, 2, 3)
    assert (outcome.precision, round(outcome.recall, 3)) == (1.0, 0.333)
    assert outcome.pairs_per_record == 0.25


def test_every_default_that_is_moved_exists_and_is_moved_both_ways() -> None:
    defaults = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    for variable, values in STEPS.items():
        assert values[0] < defaults[variable] < values[1], variable


def test_an_unknown_set_or_attribute_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--sets", "nobody"], ["--without", "shoe_size"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "known:" in capsys.readouterr().err
    assert set(POPULATIONS) < set(inputs(10, None))
