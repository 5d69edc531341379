"""Fifty people are erased, a backup is brought back and everything is sent again; destinations are told whom to delete.

Before that, somebody who stays and one of the erased had their e-mail address put right: destinations learn the one, nobody the other.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from python_udfs.delivery.files import export_files
from python_udfs.privacy.inventory import inventory
from python_udfs.privacy.keys import KEY_VARIABLE, Key
from python_udfs.privacy.rectify import Request, rectify_subject
from python_udfs.privacy.search import relations
from python_udfs.privacy.store import Place
from python_udfs.privacy.sweep import ERASED
from tests.python.acceptance.bench import NO_UNIT_TESTS, PROJECT, Bench, Run, check_accounting
from tests.python.privacy.checks import OTHERS, check_erasure, chosen_people, findings, place_copy

PEOPLE, ERASURES = 120, 50
# Figures over many people, which nobody is in.
WITHOUT = (
    *NO_UNIT_TESTS,
    "test",
    "--exclude",
    "int_sales_forecasts+",
    "int_product_pairs+",
    "lifetime_value_evaluation+",
)
DESTINATIONS = ("email", "sms", "google", "meta", "crm", "profile")
REMOVED = "hubspot:contact:990000000001"
RIGHT, ERASED_TOO = "put-right@kindred.example.com", "put-right-then-erased@kindred.example.com"
Keys = dict[str, set[str]]


@dataclass(frozen=True)
class Story:
    """The database before, the place where people were erased, and the build after every source sent everything again."""

    before: Run
    again: Run
    place: Place
    needles: list[str]
    published: Keys
    folders: list[Path]
    corrected: str


def published_keys(database: Path, people: list[str]) -> Keys:
    """Keys under which destinations know some customers."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            name: {
                str(key)
                for (key,) in connection.execute(
                    f"select activation_id from activation.activation_{name}_state where list_contains(?, customer_id)",
                    [people],
                ).fetchall()
            }
            for name in DESTINATIONS
        }


def as_csv(path: Path) -> None:
    """Put a CSV file in the place of a Parquet file."""
    duckdb.sql(f"copy (from '{path}') to '{path.with_suffix('.csv')}' (format csv, header)")
    path.unlink()


def somebody_permitted(run: Run, others: list[str]) -> str:
    """Somebody who agreed to e-mail where silence is none, and is none of some others."""
    query = """
        select consent.customer_id
        from marts.consent_status as consent
        inner join activation.activation_email_current as emails
            on consent.customer_id = emails.customer_id and consent.identifier = emails.email
        inner join marts.customers as customers
            on consent.customer_id = customers.customer_id and consent.identifier = customers.email
        where consent.purpose_code = 'marketing' and consent.channel = 'email' and consent.is_permitted
            and consent.deciding_event_id is not null and consent.jurisdiction = 'EEA'
        order by all
    """
    return str(next(customer_id for (customer_id,) in run.rows(query) if customer_id not in others))


@pytest.fixture(scope="module")
def story(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("erasure")
    raw, database = folder / "raw", folder / "kindred.duckdb"
    demo = ["-m", "python_udfs.demo", "--people", str(PEOPLE), "--seed", "7", "--out", str(raw)]
    subprocess.run([sys.executable, *demo], cwd=PROJECT, check=True, capture_output=True)
    as_csv(raw / "survey" / "response.parquet")
    before = bench.build(raw, database, *WITHOUT)
    place = place_copy(database, raw, folder / "copy")
    people = chosen_people(place, ERASURES)
    with duckdb.connect(str(place.database)) as connection:
        # Somebody's record was deleted by its source a while ago; the ledger of ids still has it.
        connection.execute(
            "insert into identity.customer_id_ledger by name select * replace (? as record_id, timestamp '2025-01-01' as removed_at)"
            " from identity.customer_id_ledger where customer_id = ? limit 1",
            [REMOVED, people[0]],
        )
        export_files(connection, place.exports)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(KEY_VARIABLE, "a key that only this test uses")
        corrected = somebody_permitted(before, people)
        for customer_id, email in ((corrected, RIGHT), (people[0], ERASED_TOO)):
            assert rectify_subject(place, Key.from_environment(), customer_id, Request({"email": email})).rows
        erased = check_erasure(place, database, ERASURES)
        assert erased.customer_ids == people
        again = bench.build(raw, place.database, *WITHOUT)
    folders = [bench.database.parent / "logs", *bench.database.parent.glob("target*")]
    return Story(before, again, place, erased.needles, published_keys(database, people), folders, corrected)


def test_erased_people_are_of_every_source(story: Story) -> None:
    sources = {needle.split(":")[0] for needle in story.needles if needle.count(":") == 2}
    assert sources >= {"shopify", "hubspot", "salesforce", "zendesk", "klaviyo", "segment", "pos", "survey"}
    assert REMOVED in story.needles


def test_rows_sent_again_stay_out(story: Story) -> None:
    assert findings(story.place, story.needles, story.folders, with_raw=False) == {}
    check_accounting(story.again)
    suppressed = "select count(distinct source_name) from governance.rejected_rows where reason = 'suppressed'"
    assert story.again.value(suppressed) >= 8
    removed = f"select count(*) from identity.customer_id_ledger where record_id = '{REMOVED}'"
    assert story.again.value(removed) == 0


def test_rows_numbered_in_their_files_are_those_that_views_show(story: Story) -> None:
    with duckdb.connect(str(story.again.database), read_only=True) as connection:
        tables = [table for table in inventory(connection) if table.is_raw]
        for name, relation in relations(connection, tables).items():
            if relation.position is None:
                # The source sends no such file.
                assert relation.rows == 0, name
                continue
            numbered = f"select * exclude ({relation.position}) from {relation.sql}"
            # A view tells of which file a row is, not where it stands in it.
            in_view = f"select * exclude (_file_order) from {name}"
            both = f"(select count(*) from {name}), (select count(*) from ({numbered} intersect all {in_view}))"
            ((shown, same, in_file),) = connection.execute(
                f"select {both}, (select count(*) from {relation.sql})"
            ).fetchall()
            assert shown == same == in_file, name
        ((left_out,),) = connection.execute("select sum(suppressed_row_count) from main.raw_files").fetchall()
        assert left_out > 0


def test_what_was_put_right_is_erased_with_the_person(story: Story) -> None:
    assert findings(story.place, [ERASED_TOO], [*story.folders, story.place.exports], with_raw=False) == {}
    kept = "select distinct value from privacy.rectifications"
    assert story.again.rows(kept) == [(RIGHT,)]


def test_customers_and_destinations_have_what_was_put_right_without_the_consent_of_what_it_replaced(
    story: Story,
) -> None:
    where = f"where customer_id = '{story.corrected}'"
    ((wrong,),) = story.before.rows(f"select email from marts.customers {where}")
    assert story.again.rows(f"select email from marts.customers {where}") == [(RIGHT,)]
    assert story.again.rows(
        f"select value, decided_by_rule from marts.customer_attribute_lineage {where} and attribute = 'email'"
    ) == [(RIGHT, "rectified")]
    # Nobody has agreed for the new address; what was said for the old one stays with it.
    assert story.again.value(f"select count(*) from activation.activation_email_current {where}") == 0
    told = f"select is_deleted, exit_reason from activation.activation_email_state {where} and email = '{wrong}'"
    assert story.again.rows(told) == [(True, "contact point gone")]
    signals = "select count(*) from marts.consent_events where identifier = '{}'"
    assert story.again.value(f"{signals.format(RIGHT)} and state not in ('denied', 'withdrawn', 'objected')") == 0
    assert story.again.value(signals.format(wrong)) == story.before.value(signals.format(wrong)) > 0


def test_others_are_there_after_the_next_build(story: Story) -> None:
    for name in ("customers", "orders"):
        kept = f"select count(*) from ({OTHERS[name]})"
        assert 0 < story.again.value(kept) < story.before.value(kept)


def test_destinations_are_told_to_delete_by_key_and_learn_nothing_else(story: Story) -> None:
    assert all(story.published.values())
    with duckdb.connect(str(story.place.database), read_only=True) as connection:
        written = {each.destination: each for each in export_files(connection, story.place.exports)}
    for name in DESTINATIONS:
        (change,) = [file for file in written[name].files if file.startswith("changes/") and file.endswith(".parquet")]
        for relation in (f"activation.activation_{name}_state", f"'{story.place.exports}/{name}/{change}'"):
            told = story.again.rows(
                f"select activation_id, columns(* exclude (activation_id, exit_reason, row_hash, entered_at, exited_at, updated_at))"
                f" from {relation} where customer_id = '{ERASED}'"
            )
            assert {str(row[0]) for row in told} == story.published[name]
            assert {tuple(value for value in row[1:] if value is not None) for row in told} == {(ERASED, True)}
        current = f"select count(*) from activation.activation_{name}_current where customer_id = '{ERASED}'"
        assert story.again.value(current) == 0
