"""Builds around a readmission: erased, sent again, let in again, and sent with what is new."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from python_udfs.privacy.keys import KEY_VARIABLE, Key
from python_udfs.privacy.operations import erase_subjects
from python_udfs.privacy.readmit import readmit_subject
from python_udfs.privacy.store import Place
from tests.python.acceptance.bench import NO_UNIT_TESTS, SOURCES, Bench, disabled

VARIABLES = {**disabled(*(source for source in SOURCES if source != "people")), "as_of": "2026-01-01 00:00:00"}
SELECTED = (*NO_UNIT_TESTS, "--exclude-resource-type", "test", "--select", "+customer_identifiers")
FOUND = (
    "select ids.record_id, records.given_name from marts.customer_identifiers as found"
    " inner join identity.customer_ids as ids on found.customer_id = ids.customer_id"
    " inner join identity.identity_records as records on ids.record_id = records.record_id"
    " where found.identifier_value = 'ann@example.org' order by all"
)
OLD = "('1', 'Ann', 'Lee', 'ann@example.org', '2025-05-05 10:00:00')"


def write(raw: Path, name: str, *rows: str) -> None:
    """Write a file of people."""
    (raw / "people").mkdir(parents=True, exist_ok=True)
    columns = "record_id, given_name, family_name, email, updated_at"
    duckdb.sql(
        f"copy (select * from (values {', '.join(rows)}) as t({columns})) to '{raw}/people/{name}' (format parquet)"
    )


def test_a_readmitted_person_is_known_by_what_is_new_alone(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "only-for-this-test-0123456789")
    bench, raw, database = Bench(tmp_path_factory.mktemp("bench")), tmp_path / "raw", tmp_path / "kindred.duckdb"
    place = Place(database, raw, tmp_path / "exports", tmp_path / "backups", ())
    write(raw, "person.parquet", OLD, "('2', 'Bo', 'Moss', 'bo@example.org', '2025-05-05 10:00:00')")
    run = bench.build(raw, database, *SELECTED, variables=VARIABLES)
    assert run.rows(FOUND) == [("people:person:1", "Ann")]
    erase_subjects(place, Key.from_environment(), ["ann@example.org"])
    write(raw, "person.2.parquet", OLD)
    assert bench.build(raw, database, *SELECTED, variables=VARIABLES).rows(FOUND) == []

    readmit_subject(place, Key.from_environment(), "ann@example.org", "case 17")
    write(raw, "person.3.parquet", OLD, "('9', 'Anna', 'Lee', 'ANN@example.org', '2099-05-05 10:00:00')")
    run = bench.build(raw, database, *SELECTED, variables=VARIABLES)
    assert run.rows(FOUND) == [("people:person:9", "Anna")]
    assert run.rows("select sum(suppressed_row_count) from main.raw_files") == [(2,)]
