"""What a restore brings back: raw files and views of them without anybody who was erased before the backup."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from python_udfs.privacy.__main__ import main
from python_udfs.privacy.backup import backup, restore
from python_udfs.privacy.journal import Erasure, Readmission, append, read_journal
from python_udfs.privacy.keys import KEY_VARIABLE, Key, SuppressionKeyError
from python_udfs.privacy.raw_files import readable
from python_udfs.privacy.screen import Screening, hashes_to_remember, screening_folder
from python_udfs.privacy.store import Place

CONTRACT = {
    "source": "pos",
    "table": "member",
    "schema": "pos",
    "identifier": "member",
    "columns": [
        {"name": "member_id", "data_type": "varchar"},
        {"name": "email", "data_type": "varchar", "normalizer": "email"},
    ],
}
MEMBERS = "(values ('1', 'bob@x.org'), ('2', 'Ann@X.org'), ('3', null)) as t(member_id, email)"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Place:
    """Ann was erased and sent again, as the second of three members; the view of the last build leaves her out by position."""
    monkeypatch.setenv(KEY_VARIABLE, "only-for-this-test-0123456789")
    (tmp_path / "raw" / "pos").mkdir(parents=True)
    place = Place(tmp_path / "k.duckdb", tmp_path / "raw", tmp_path / "exports", tmp_path / "backups", ())
    file = tmp_path / "raw" / "pos" / f"member.{kind}"
    duckdb.sql(f"copy (select * from {MEMBERS} order by member_id) to '{file}' (format {kind})")
    key = Key.from_environment()
    hashes = hashes_to_remember([("email", "ann@x.org")], key)
    append(place.database, Erasure("op", "2026-01-01T00:00:00", key.fingerprint, hashes))
    show_without(place, file, [1])
    return place


def show_without(place: Place, file: Path, left_out: list[int]) -> None:
    """Let view and numbered query read a file without some rows, as a build does."""
    read = readable(file, place.landed).absolute()
    screening = Screening(screening_folder(place.landed))
    screening.record(read, 1, left_out)
    screening.save()
    condition = f"file_row_number not in (select position from read_parquet('{screening.positions_file(read)}'))"
    numbered = f"select * from read_parquet('{read}', file_row_number = true) where {condition}"
    with duckdb.connect(str(place.database)) as connection:
        connection.execute("create schema pos")
        connection.execute(
            f"create view pos.member as select * exclude (file_row_number), 1 as _file_order from"
            f" read_parquet('{read}', file_row_number = true) where {condition}"
        )
        connection.execute("create table raw_contracts as select 'pos' as source_name, 'member' as table_name, $1 as declaration",
                           [json.dumps(CONTRACT)])  # fmt: skip
        connection.execute(
            "create table raw_files as select 'pos' as source_name, 'member' as table_name, 1 as file_count, $1 as numbered_query",
            [numbered],
        )


def shown(place: Place) -> tuple[list[str], list[str]]:
    """Ids of the members that the view shows, and of those that the numbered query gives."""
    with duckdb.connect(str(place.database), read_only=True) as connection:
        ((numbered,),) = connection.execute("select numbered_query from raw_files").fetchall()
        queries = ("select member_id from pos.member", f"select member_id from ({numbered})")
        view, query = (
            [str(row[0]) for row in connection.execute(f"{each} order by all").fetchall()] for each in queries
        )
    return view, query


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize("is_elsewhere", [True, False])
def test_a_restore_shows_nobody_who_was_erased_before_the_backup(place: Place, is_elsewhere: bool) -> None:
    assert shown(place) == (["1", "3"], ["1", "3"])
    backup(place)
    if is_elsewhere:
        # On another machine nothing is known about raw files.
        shutil.rmtree(place.landed)
    else:
        # Somebody else is erased: the file is written anew, and what was left out of it is left out no more.
        for file in screening_folder(place.landed).glob("member*.parquet"):
            duckdb.sql(f"copy (select 0::bigint as position limit 0) to '{file}'")
    restore(place, "")
    assert shown(place) == (["1", "3"], ["1", "3"])
    for file in (place.raw or place.landed).rglob("member.*"):
        rows = duckdb.sql(f"select cast(member_id as varchar) from '{file}' order by all").fetchall()
        assert rows == [("1",), ("3",)]


@pytest.mark.parametrize("kind", ["parquet"])
@pytest.mark.parametrize("is_before", [True, False])
def test_a_restore_brings_nothing_back_of_who_was_let_in_again(place: Place, is_before: bool) -> None:
    def let_in() -> None:
        append(
            place.database,
            Readmission("back", "2026-02-02T00:00:00", Key.from_environment().fingerprint, ["op"]),
        )

    if is_before:
        let_in()
    backup(place)
    shutil.rmtree(place.landed)
    if not is_before:
        let_in()
    assert "0 erased people were erased again" in restore(place, "").messages[0]
    assert len(read_journal(place.database)) == 2
    assert shown(place) == (["1", "3"], ["1", "3"])


@pytest.mark.parametrize("kind", ["parquet"])
def test_views_of_files_that_lie_elsewhere_do_not_stop_a_restore(place: Place) -> None:
    backup(place)
    assert place.raw
    moved = replace(place, raw=place.raw.with_name("moved"))
    shutil.rmtree(place.raw)
    restore(moved, "")
    assert duckdb.sql(f"select member_id from '{moved.raw}/pos/member.parquet' order by all").fetchall() == [
        ("1",),
        ("3",),
    ]


@pytest.mark.parametrize("kind", ["parquet"])
def test_nothing_is_restored_without_the_key_that_tells_who_was_erased(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(place)
    monkeypatch.delenv(KEY_VARIABLE)
    before = place.database.stat().st_mtime_ns
    with pytest.raises(SuppressionKeyError):
        restore(place, "")
    assert place.database.stat().st_mtime_ns == before


@pytest.mark.parametrize("kind", ["parquet"])
def test_files_are_told_as_files_and_not_as_rows(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_DATABASE", str(place.database))
    monkeypatch.setenv("KINDRED_RAW", str(place.raw))
    monkeypatch.setenv("KINDRED_BACKUPS", str(place.backups))
    monkeypatch.setattr("python_udfs.privacy.store.raw_of_database", lambda _: place.raw)
    for operation in ("backup", "restore"):
        assert main([operation, "--dry-run"]) == 0
        assert main([operation]) == 0
    told = capsys.readouterr().err
    assert "Would copy the database and 1 raw files to" in told
    assert "Copied the database and 1 raw files to" in told
    assert "and erase 0 people again" in told
    assert " rows" not in told
