"""Privacy operations work on the raw files and exports of the database they are run on, or say why they cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from python_udfs.delivery.__main__ import main as export
from python_udfs.privacy.__main__ import main
from python_udfs.privacy.backup import backup, restore
from python_udfs.privacy.keys import KEY_VARIABLE
from python_udfs.privacy.store import Place
from python_udfs.raw.origin import OriginError, origin_path, raw_of_database, write_origin


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database that was built from a raw folder beside its own."""
    monkeypatch.delenv("KINDRED_RAW", raising=False)
    for name in ("EXPORTS", "BACKUPS", "LOGS"):
        monkeypatch.setenv(f"KINDRED_{name}", str(tmp_path / name.lower()))
    (tmp_path / "elsewhere" / "shopify").mkdir(parents=True)
    (tmp_path / "elsewhere" / "shopify" / "customer.csv").write_text("id\n1\n")
    (tmp_path / "db").mkdir()
    path = tmp_path / "db" / "k.duckdb"
    monkeypatch.setenv("KINDRED_DATABASE", str(path))
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table raw_files as select 'shopify' as source_name, 'customer' as table_name, 1 as file_count,"
            " 'select 1' as numbered_query"
        )
    write_origin(path, tmp_path / "elsewhere")
    return path


def test_folder_of_the_build_is_the_one_that_is_worked_on(database: Path, tmp_path: Path) -> None:
    assert Place.from_environment().raw == tmp_path / "elsewhere"
    assert main(["backup"]) == 0
    (copy,) = (tmp_path / "backups").rglob("customer.csv")
    assert copy.read_text() == "id\n1\n"


def test_the_same_folder_by_another_name_is_accepted(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alias").symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    for name in ("elsewhere", "alias", "db/../elsewhere"):
        monkeypatch.setenv("KINDRED_RAW", name)
        assert Place.from_environment().raw == Path(name)


@pytest.mark.parametrize("other", ["", "other"])
def test_another_folder_is_refused(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("KINDRED_RAW", str(tmp_path / other) if other else "")
    assert main(["backup"]) == 2
    told = capsys.readouterr().err
    assert f"was built from {tmp_path / 'elsewhere'}, not from" in told
    assert "leave RAW and KINDRED_RAW out" in told
    assert not (tmp_path / "backups").exists()


def test_folder_that_is_gone_is_named(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Where there is no data/raw, whatever has been built in the project's folder.
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(tmp_path / "elsewhere")
    for operation in ("backup", "retain"):
        assert main([operation]) == 2
        assert f"their folder {tmp_path / 'elsewhere'} does not exist" in capsys.readouterr().err
    # Nobody wrote down where the folder is, but files were read.
    origin_path(database).unlink()
    assert main(["backup"]) == 2
    assert "their folder data/raw does not exist" in capsys.readouterr().err


def test_tables_in_the_database_need_no_folder(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table raw_files")
    write_origin(database, None)
    assert Place.from_environment().raw is None
    assert main(["backup"]) == 0
    monkeypatch.setenv("KINDRED_RAW", str(tmp_path / "elsewhere"))
    with pytest.raises(OriginError, match="was built from tables in the database"):
        raw_of_database(database)


def test_folder_within_that_of_the_database_moves_with_it(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").rename(tmp_path / "db" / "raw")
    monkeypatch.chdir(tmp_path)
    write_origin(Path("db/k.duckdb"), Path("db/raw"))
    (tmp_path / "db").rename(tmp_path / "moved")
    assert raw_of_database(tmp_path / "moved" / "k.duckdb") == tmp_path / "moved" / "raw"
    assert raw_of_database(Path("moved/k.duckdb")) == tmp_path / "moved" / "raw"


def test_origins_of_before_are_read(database: Path, tmp_path: Path) -> None:
    origin_path(database).write_text(f"folder {tmp_path / 'elsewhere'}")
    assert raw_of_database(database) == tmp_path / "elsewhere"
    # Demo data was there under any name.
    origin_path(database).write_text("demo people=10 seed=7")
    assert raw_of_database(database) == Path("data/raw")


def test_restored_database_knows_its_folder(database: Path, tmp_path: Path) -> None:
    place = Place.from_environment()
    backup(place)
    shutil.rmtree(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    origin_path(database).unlink()
    restore(place, "")
    assert raw_of_database(database) == tmp_path / "elsewhere"


PEOPLE = "(values ('pos:member:1', 'c1', 'ann.lee@x.org'), ('pos:member:2', 'c2', 'bob.lee@x.org'))"


@pytest.fixture
def people(database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of two people who are sent e-mail."""
    monkeypatch.setenv(KEY_VARIABLE, "a key that only this test uses")
    monkeypatch.delenv("KINDRED_POSTGRES", raising=False)
    monkeypatch.delenv("KINDRED_EXPORTS")
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema identity; create schema marts; create schema activation;"
            f"create table identity.identity_source_records as select record_id, email from {PEOPLE} as t(record_id, customer_id, email);"
            f"create table identity.customer_ids as select record_id, customer_id from {PEOPLE} as t(record_id, customer_id, email);"
            "create table identity.customer_id_ledger as from identity.customer_ids;"
            "create table identity.customer_id_redirects as select 'c0' as old_customer_id, 'c1' as current_customer_id;"
            "create table marts.customers as select customer_id, 'GB' as country from identity.customer_ids;"
            "create table marts.customer_identifiers as select customer_id, 'email' as identifier_type, email as identifier_value,"
            f" 1 as customer_count from {PEOPLE} as t(record_id, customer_id, email);"
            "create table activation.activation_email_state as select md5(email) as activation_id, customer_id, email,"
            " false as is_deleted, null::varchar as exit_reason, timestamp '2025-01-01' as entered_at, null::timestamp as exited_at,"
            f" md5(email) as row_hash, timestamp '2025-01-01' as updated_at from {PEOPLE} as t(record_id, customer_id, email);"
            "create table activation.activation_email_current as from activation.activation_email_state"
        )
    return database


def texts(folder: Path) -> str:
    """What the CSV files of a folder say."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.csv")))


def test_erasing_visits_every_folder_that_was_exported_to(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert export([]) == 0
    assert export(["--out", str(tmp_path / "for_friends")]) == 0
    monkeypatch.setenv("KINDRED_EXPORTS", str(tmp_path / "of_a_day"))
    assert export([]) == 0
    assert main(["export-subject", "--subject", "ann.lee@x.org"]) == 0
    monkeypatch.delenv("KINDRED_EXPORTS")
    (tmp_path / "for_friends" / "note.csv").write_text("not ours: ann.lee@x.org\n")
    # An export that was killed leaves part of a file, which cannot be searched.
    broken = tmp_path / "for_friends" / "email" / "changes" / ".20250101T000000000000.parquet.draft"
    broken.write_bytes(next((tmp_path / "for_friends").rglob("*.parquet")).read_bytes()[:-1])
    folders = [people.parent / "exports", tmp_path / "for_friends" / "email", tmp_path / "of_a_day"]
    assert all("ann.lee@x.org" in texts(folder) for folder in folders)
    assert list((tmp_path / "of_a_day").glob("subject-*.json"))
    assert main(["erase-subject", "--subject", "ann.lee@x.org"]) == 0
    for folder in folders:
        assert "ann.lee@x.org" not in texts(folder)
        assert "bob.lee@x.org" in texts(folder)
        files = ", ".join(f"'{path}'" for path in folder.rglob("*.parquet"))
        assert duckdb.sql(f"select distinct email from read_parquet([{files}])").fetchall() == [("bob.lee@x.org",)]
    assert not list((tmp_path / "of_a_day").glob("subject-*.json"))
    assert not broken.exists()
    # A folder of exports may be anything; what no export wrote is not touched there.
    assert (tmp_path / "for_friends" / "note.csv").read_text() == "not ours: ann.lee@x.org\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"J\xf6rg@x.org", "it is not UTF-8 text"),
        (b"\n \n", "holds no identifier"),
    ],
)
def test_list_of_subjects_that_cannot_be_used_is_told(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "list.txt").write_bytes(content)
    assert main(["erase-subject", "--subjects", str(tmp_path / "list.txt")]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'list.txt'}: " in said
    assert told in said
    assert "Errno" not in said
    assert not people.with_name("k.duckdb.erasures.jsonl").exists()


def test_list_of_subjects_is_erased_in_one_go(people: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xef\xbb\xbfann.lee@x.org\r\n\r\nbob.lee@x.org")
    assert main(["erase-subject", "--subjects", str(tmp_path / "list.txt")]) == 0
    assert len(people.with_name("k.duckdb.erasures.jsonl").read_text().splitlines()) == 2


def test_which_of_a_list_is_nobodys_is_told(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list.txt").write_text("ann.lee@x.org\nnobody@x.org\n")
    assert main(["erase-subject", "--subjects", str(tmp_path / "list.txt")]) == 2
    assert "Identifier 2 of 2: Nobody has this identifier." in capsys.readouterr().err
    assert not people.with_name("k.duckdb.erasures.jsonl").exists()


def test_erasing_warns_of_raw_files_that_are_not_read(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere" / "hubspt").mkdir()
    (tmp_path / "elsewhere" / "hubspt" / "contact.csv").write_text("id,email\n1,ann.lee@x.org\n")
    with duckdb.connect(str(people)) as connection:
        declared = '{"source": "shopify", "table": "customer", "schema": "shopify", "identifier": "customer"}'
        connection.execute("create table raw_contracts as select ? as declaration", [declared])
    for options in (["--dry-run"], []):
        assert main(["erase-subject", "--subject", "ann.lee@x.org", *options]) == 0
        told = capsys.readouterr().err
        assert "hubspt/contact.csv is not read: there is no source hubspt." in told
        assert "may hold the person" in told
        assert "shopify/customer.csv" not in told


def test_folder_of_exports_that_is_gone_is_named_also_after_a_restore(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup"]) == 0
    assert export(["--out", str(tmp_path / "stick")]) == 0
    shutil.rmtree(tmp_path / "stick")
    assert main(["restore"]) == 0
    for options in (["--dry-run"], []):
        capsys.readouterr()
        assert main(["erase-subject", "--subject", "ann.lee@x.org", *options]) == 0
        assert f"Exports were written to {tmp_path / 'stick'}, which is not there" in capsys.readouterr().err
