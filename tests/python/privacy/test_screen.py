"""People who were erased are recognized in new files by keyed hash, and only with the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from python_udfs.privacy.inventory import raw_table
from python_udfs.privacy.journal import Erasure, append, journal_path, read_journal
from python_udfs.privacy.keys import KEY_VARIABLE, Key, SuppressionKeyError
from python_udfs.privacy.raw_files import drop_rows, readable
from python_udfs.privacy.screen import (
    Screening,
    hashes_to_remember,
    phone_tail,
    recognizer_of,
    rewrite_raw,
    screen_tables,
    screening_folder,
    suppressed_rows,
)

SECRET = "only-for-this-test-0123456789"
MEMBER = {
    "source": "pos",
    "table": "member",
    "schema": "pos",
    "identifier": "member",
    "default_country": "DE",
    "columns": [
        {"name": "member_id"},
        {"name": "email", "normalizer": "email"},
        {"name": "mobile", "normalizer": "phone", "country_columns": ["country"]},
        {"name": "country", "normalizer": "country"},
    ],
}


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Key:
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    return Key.from_environment()


def erase(database: Path, key: Key, *values: tuple[str, str]) -> None:
    append(database, Erasure("op", "2026-01-01T00:00:00", key.fingerprint, hashes_to_remember(values, key)))


def members(folder: Path) -> Path:
    """Six members; rows 0, 2 and 3 have what was erased, in other spellings."""
    path = folder / "member.parquet"
    rows = (
        "(1, ' Ann.Lee@X.org', null, 'DE'), (2, 'bob@x.org', '0170 1111112', 'DE'), (3, null, '0170 123 4567', 'Germany'),"
        " (4, null, '+49 (0)170 1234567', null), (5, null, '0170 1234567', 'AT'), (77, null, null, null)"
    )
    duckdb.sql(
        f"copy (select * from (values {rows}) as t(member_id, email, mobile, country)) to '{path}' (format parquet)"
    )
    return path


def screened(folder: Path, file: Path) -> dict[str, Any]:
    table = {**MEMBER, "files": [str(file)], "rows": 6}
    screen_tables(folder / "k.duckdb", folder / "landed", [table])
    return table


def test_rows_sent_again_are_found_in_any_spelling(tmp_path: Path, key: Key) -> None:
    file = members(tmp_path)
    erase(tmp_path / "k.duckdb", key, ("email", "ann.lee@x.org"), ("phone", "+491701234567"), ("pos.member", "77"))
    table = screened(tmp_path, file)
    assert table["suppressed_rows"] == 4
    assert table["rows"] == 2
    ((_, positions),) = table["suppressed"]
    assert sorted(duckdb.sql(f"from '{positions}'").fetchall()) == [(0,), (2,), (3,), (5,)]


def test_nothing_of_a_person_is_kept_about_files(tmp_path: Path, key: Key) -> None:
    erase(tmp_path / "k.duckdb", key, ("email", "ann.lee@x.org"))
    screened(tmp_path, members(tmp_path))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "landed").rglob("*") if path.is_file())
    assert b"ann" not in (kept + journal_path(tmp_path / "k.duckdb").read_bytes()).lower()


def test_a_file_is_looked_at_once_and_then_needs_no_key(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = members(tmp_path)
    erase(tmp_path / "k.duckdb", key, ("email", "ann.lee@x.org"))
    first = screened(tmp_path, file)
    monkeypatch.delenv(KEY_VARIABLE)
    assert screened(tmp_path, file) == first
    erase(tmp_path / "k.duckdb", key, ("email", "bob@x.org"))
    with pytest.raises(SuppressionKeyError, match=f"{KEY_VARIABLE} is not set"):
        screened(tmp_path, file)
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    assert screened(tmp_path, file)["suppressed_rows"] == 2


def test_another_key_is_told(tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    erase(tmp_path / "k.duckdb", key, ("email", "ann.lee@x.org"))
    monkeypatch.setenv(KEY_VARIABLE, "another-key-of-enough-length")
    with pytest.raises(SuppressionKeyError, match="is not the key"):
        screened(tmp_path, members(tmp_path))


def test_nobody_erased_needs_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    assert screened(tmp_path, members(tmp_path))["suppressed"] == []


def test_the_key_is_secret_and_long_enough(monkeypatch: pytest.MonkeyPatch, key: Key) -> None:
    assert SECRET not in repr(key)
    assert key.hash("email", "a") != key.hash("phone", "a")
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(SuppressionKeyError, match="at least 16"):
        Key.from_environment()


def test_a_cut_journal_is_no_journal(tmp_path: Path, key: Key) -> None:
    erase(tmp_path / "k.duckdb", key, ("email", "ann.lee@x.org"))
    path = journal_path(tmp_path / "k.duckdb")
    path.write_text(path.read_text() + '{"operation_id": "op"\n')
    with pytest.raises(ValueError, match="line 2: not an erasure"):
        read_journal(tmp_path / "k.duckdb")


def test_phone_tail_is_the_same_in_both_spellings() -> None:
    assert phone_tail("0170 123 45 67") == phone_tail("+491701234567") == "234567"
    assert phone_tail("12") == ""


def test_rows_leave_a_csv_file_and_malformed_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "pos" / "member.csv"
    path.parent.mkdir()
    path.write_text(
        'id;name;email\n1;"Lee; Ann";ann@x.org\nbad;line\nann@x.org;bad\n2;Bob;bob@x.org\n', encoding="utf-8"
    )
    with duckdb.connect() as connection:
        readable(path, tmp_path / "landed")
        drop_rows(connection, path, tmp_path / "landed", [0], lambda field: field == "ann@x.org")
    assert path.read_text(encoding="utf-8") == "id;name;email\nbad;line\n2;Bob;bob@x.org\n"
    left = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"ann@x.org" not in left
    assert json.dumps(sorted(file.name for file in tmp_path.rglob("*.partial"))) == "[]"


def test_a_file_written_anew_loses_what_was_left_out_of_it_and_is_not_cut_again(tmp_path: Path) -> None:
    path, landed = members(tmp_path), tmp_path / "landed"
    screening = Screening(screening_folder(landed))
    screening.record(path, 3, [1])
    left_out = screening.positions_file(path)
    with duckdb.connect() as connection:
        rewrite_raw(connection, screening, path, landed, [4])
        ids = connection.execute(f"select member_id from read_parquet('{path}')").fetchall()
        assert ids == [(1,), (3,), (4,), (77,)]
        # A view that was made before still reads the file of positions.
        assert connection.execute(f"select count(*) from read_parquet('{left_out}')").fetchall() == [(0,)]
    assert (screening.checked(path), screening.positions(path)) == (3, [])


def test_only_spellings_that_nobody_looked_at_are_read(tmp_path: Path, key: Key) -> None:
    erase(tmp_path / "k.duckdb", key, ("email", "ann.lee@x.org"), ("phone", "+491701234567"))
    recognizer = recognizer_of(read_journal(tmp_path / "k.duckdb"), "DE")
    member = raw_table("pos", "member", [], {**MEMBER})
    looked_at = {
        "email": "select 'bob@x.org' union all select 'other'",
        "phone": "select '0170 123 4567'",
    }
    with duckdb.connect() as connection:
        assert suppressed_rows(connection, member, members(tmp_path), recognizer) == [0, 2, 3]
        assert suppressed_rows(connection, member, members(tmp_path), recognizer, looked_at) == [0, 3]
