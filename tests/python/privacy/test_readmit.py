"""Who was erased and comes back is let in again on purpose: with what is observed from then on, never with what was erased."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from python_udfs.privacy.__main__ import main
from python_udfs.privacy.journal import Entry, Readmission, append, journal_path, read_journal, readmitted_hashes
from python_udfs.privacy.journal import Erasure as Erased
from python_udfs.privacy.keys import KEY_VARIABLE, Key, SuppressionKeyError
from python_udfs.privacy.readmit import readmit_subject
from python_udfs.privacy.screen import hashes_to_remember, screen_tables
from python_udfs.privacy.store import Place, now
from python_udfs.privacy.subject import SubjectError

SECRET = "only-for-this-test-0123456789"
ANN = (("email", "ann@x.org"), ("phone", "+491701234567"), ("pos.member", "1"), ("pos.receipt", "r1"))
TABLES: dict[str, list[dict[str, Any]]] = {
    "member": [
        {"name": "member_id", "data_type": "bigint"},
        {"name": "email", "data_type": "varchar", "normalizer": "email"},
        {"name": "phone", "data_type": "varchar", "normalizer": "phone"},
        {"name": "updated_at", "data_type": "timestamp"},
        {"name": "enrolled_at", "data_type": "timestamp"},
    ],
    "receipt_line": [{"name": "receipt_id", "data_type": "varchar"}, {"name": "note", "data_type": "varchar"}],
}


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Key:
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    return Key.from_environment()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    duckdb.connect(str(tmp_path / "k.duckdb")).close()
    (tmp_path / "raw").mkdir()
    return Place(tmp_path / "k.duckdb", tmp_path / "raw", tmp_path / "exports", tmp_path / "backups", ())


def erase(place: Place, key: Key, operation: str, *values: tuple[str, str]) -> None:
    append(place.database, Erased(operation, "2026-01-01T00:00:00", key.fingerprint, hashes_to_remember(values, key)))


def left_out(place: Place, table: str, name: str, rows: str = "") -> list[int]:
    """Positions that a build leaves out of a file, which is written first if rows are given: (id, email, phone, updated, enrolled)."""
    assert place.raw is not None
    file = place.raw / name
    columns = ", ".join(column["name"] for column in TABLES[table])
    if rows:
        duckdb.sql(f"copy (select * from (values {rows}) as t({columns})) to '{file}' (format parquet)")
    declared: dict[str, Any] = {
        "source": "pos",
        "table": table,
        "schema": "pos",
        "identifier": table,
        "default_country": "DE",
        "columns": [{"country_columns": [], **column} for column in TABLES[table]],
        "files": [str(file)],
        "rows": 9,
    }
    screen_tables(place.database, place.landed, [declared])
    positions = [
        position for _, kept in declared["suppressed"] for (position,) in duckdb.sql(f"from '{kept}'").fetchall()
    ]
    return sorted(positions)


FIRST = (
    "(1, 'ann@x.org', null, '2025-05-05 10:00:00', '2019-01-01'), (2, 'bo@x.org', null, '2025-05-05 10:00:00', '2019-01-01'),"
    " (7, 'ANN@x.org', null, '2099-01-01 00:00:00', '2026-02-02')"
)
SECOND = (
    "(1, 'ann@x.org', null, '2025-05-05 10:00:00', '2019-01-01'), (2, 'bo@x.org', null, '2025-05-05 10:00:00', '2019-01-01'),"
    " (8, 'Ann@X.org', null, '2099-01-01 00:00:00', '2026-02-02'), (9, null, '0170 1234567', '2099-01-01 00:00:00', null),"
    " (10, 'ann@x.org', null, null, null), (1, null, null, '2099-01-01 00:00:00', '2019-01-01')"
)


def test_only_what_is_observed_afterwards_comes_in(place: Place, key: Key) -> None:
    erase(place, key, "op1", *ANN)
    # Whatever time they claim, rows that were left out of a file stay out of it.
    assert left_out(place, "member", "member.parquet", FIRST) == [0, 2]
    before = now().isoformat()
    (message,) = readmit_subject(place, key, " Ann@X.org", "new registration, case 17").messages
    assert "who was erased on 2026-01-01" in message
    assert left_out(place, "member", "member.parquet") == [0, 2]
    # An old row, and one of no known time, stay out of new files, too.
    assert left_out(place, "member", "member.2.parquet", SECOND) == [0, 4]
    # What has no time of its own is as old as the id that was erased.
    assert left_out(place, "receipt_line", "receipt_line.parquet", "('r1', 'x'), ('r2', 'y')") == [0]
    entry = read_journal(place.database)[-1]
    assert isinstance(entry, Readmission)
    assert entry.erasures == ["op1"]
    assert entry.readmitted_at >= before


def test_the_log_says_who_was_let_in_and_why_and_the_journal_names_nobody(place: Place, key: Key) -> None:
    erase(place, key, "op1", *ANN)
    with duckdb.connect(str(place.database)) as connection:
        # The log as it was before reasons were kept.
        connection.execute("create schema privacy")
        connection.execute(
            "create table privacy.operations_log (operation_id varchar, operation varchar, subject_hash varchar, started_at timestamp,"
            " finished_at timestamp, is_dry_run boolean, table_count bigint, row_count bigint, outcome varchar)"
        )
        connection.execute(
            "insert into privacy.operations_log (operation_id, operation, subject_hash) values ('op1', 'erase-subject', 'hash of Ann')"
        )
    readmit_subject(place, key, "+49 170 1234567", " case 17 ", is_dry_run=True)
    assert len(read_journal(place.database)) == 1
    readmit_subject(place, key, "+49 170 1234567", " case 17 ")
    with duckdb.connect(str(place.database)) as connection:
        logged = connection.execute(
            "select operation, subject_hash, is_dry_run, reason from privacy.operations_log where operation <> 'erase-subject' order by all"
        ).fetchall()
    assert logged == [
        ("readmit-subject", "hash of Ann", False, "case 17"),
        ("readmit-subject", "hash of Ann", True, "case 17"),
    ]
    text = journal_path(place.database).read_text()
    assert "ann" not in text.lower() and "1701234567" not in text
    assert set(json.loads(text.splitlines()[-1])) == {"operation_id", "readmitted_at", "key_fingerprint", "erasures"}


def test_who_is_erased_again_stays_out_again(place: Place, key: Key) -> None:
    erase(place, key, "op1", *ANN)
    readmit_subject(place, key, "ann@x.org", "case 17")
    erase(place, key, "op2", ("email", "ann@x.org"))
    # What only the first erasure knew is let in still.
    assert left_out(place, "member", "member.parquet", SECOND) == [0, 2, 4]
    readmit_subject(place, key, "ann@x.org", "case 18")
    assert left_out(place, "member", "member.2.parquet", SECOND) == [0, 4]


def test_what_is_somebody_elses_too_stays_out() -> None:
    entries: list[Entry] = [
        Erased("a", "2026-01-01T00:00:00", "k", {"email": ["h1", "h2"]}),
        Erased("b", "2026-01-02T00:00:00", "k", {"email": ["h2", "h3"]}),
        Readmission("c", "2026-02-01T00:00:00", "k", ["a"]),
    ]
    assert readmitted_hashes(entries) == {"h1": "2026-02-01T00:00:00"}
    later = Readmission("d", "2026-03-01T00:00:00", "k", ["b"])
    assert readmitted_hashes([*entries, later]) == {
        "h1": "2026-02-01T00:00:00",
        "h2": "2026-03-01T00:00:00",
        "h3": "2026-03-01T00:00:00",
    }


def test_files_that_were_checked_need_no_key_after_a_readmission(
    place: Place, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(place, key, "op1", *ANN)
    left_out(place, "member", "member.parquet", FIRST)
    readmit_subject(place, key, "ann@x.org", "case 17")
    monkeypatch.delenv(KEY_VARIABLE)
    assert left_out(place, "member", "member.parquet") == [0, 2]


@pytest.mark.parametrize(
    ("text", "reason", "complaint"),
    [
        ("nobody@x.org", "case 17", "Nobody was erased by this identifier"),
        # The number of a record in some system may be anybody's.
        ("1", "case 17", "Nobody was erased by this identifier"),
        ("ann@x.org", "  ", "Say why"),
        ("ann@x.org", "Ann@x.org asked for it", "The reason names the person"),
    ],
)
def test_what_cannot_be_done_is_told_and_not_done(
    place: Place, key: Key, text: str, reason: str, complaint: str
) -> None:
    erase(place, key, "op1", *ANN)
    with pytest.raises(SubjectError, match=complaint):
        readmit_subject(place, key, text, reason)
    assert len(read_journal(place.database)) == 1


def test_nobody_is_let_in_twice_or_with_another_key(place: Place, key: Key) -> None:
    erase(place, key, "op1", *ANN)
    with pytest.raises(SuppressionKeyError, match="is not the key"):
        readmit_subject(place, dataclasses.replace(key, secret=b"another-key-of-enough-length"), "ann@x.org", "case 17")
    readmit_subject(place, key, "ann@x.org", "case 17")
    with pytest.raises(SubjectError, match="let in again already"):
        readmit_subject(place, key, "+491701234567", "case 18")


def test_the_command_asks_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["readmit-subject", "--subject", "ann@x.org"])
    assert "REASON=<why>" in capsys.readouterr().err
