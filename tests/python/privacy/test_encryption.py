"""The encrypted database: nothing readable in the file, nothing of the key anywhere, and one clear message where it cannot be opened.

DuckDB's own cryptography is accepted here, so that the tests need no extension; where httpfs is installed, that is used.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from python_udfs.build import DatabaseError, check_database
from python_udfs.database import (
    BUILTIN_VARIABLE,
    KEY_VARIABLE,
    TARGET_VARIABLE,
    EncryptionError,
    attach,
    connect,
    is_encrypted,
)
from python_udfs.governance.masked import write_masked
from python_udfs.privacy.backup import backup, restore
from python_udfs.privacy.operations import opened
from python_udfs.privacy.store import Place, compact
from python_udfs.summary import open_database
from tests.python.acceptance.bench import PROJECT

KEY = "only-for-this-test-0123456789'x"
OTHER_KEY = "another-key-0123456789"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    monkeypatch.setenv(BUILTIN_VARIABLE, "1")
    monkeypatch.setenv(TARGET_VARIABLE, "encrypted")


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command of the project on a database in `folder`, with `variables` in its environment."""
    environment = {
        **os.environ,
        "KINDRED_DATABASE": str(folder / "kindred.duckdb"),
        "KINDRED_RAW": str(folder / "raw"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "COLUMNS": "200",
        **variables,
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


DEBUG = ("-c", "from dbt.cli.main import cli; cli()", "debug")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with an encrypted database, built twice (Python models and incremental ones), and what the builds wrote."""
    folder = tmp_path_factory.mktemp("encrypted")
    made = run(folder, "-m", "python_udfs.demo", "--people", "60", "--seed", "7", "--out", str(folder / "raw"))
    assert made.returncode == 0, made.stderr
    settings = {KEY_VARIABLE: KEY, BUILTIN_VARIABLE: "1", TARGET_VARIABLE: "encrypted"}
    select = ("--select", "+identity_features", "--exclude-resource-type", "test")
    output = ""
    for _ in range(2):
        done = run(folder, "-m", "python_udfs.build", *select, **settings)
        output += done.stdout + done.stderr
        assert done.returncode == 0, output
    debugged = run(folder, *DEBUG, **settings)
    output += debugged.stdout + debugged.stderr
    assert debugged.returncode == 0, output
    assert f"{folder / 'kindred.duckdb'}.tmp" in debugged.stdout
    yield folder, output


def place_of(folder: Path) -> Place:
    return Place(
        folder / "kindred.duckdb", folder / "raw", folder / "exports", folder / "backups", (folder / "privacy_logs",)
    )


def emails(database: Path) -> list[str]:
    with connect(database, read_only=True) as connection:
        rows = connection.execute("select distinct email from identity.identity_features where email is not null")
        return [str(email) for (email,) in rows.fetchall()]


def test_built_file_holds_no_plain_address_and_does_not_open_without_the_key(built: tuple[Path, str]) -> None:
    database = built[0] / "kindred.duckdb"
    addresses = emails(database)
    assert len(addresses) > 20
    content = b"".join(path.read_bytes() for path in built[0].glob("kindred.duckdb*"))
    assert not [address for address in addresses if address.encode() in content]
    with pytest.raises(duckdb.CatalogException, match="without a key"):
        duckdb.connect(str(database))


def test_key_is_in_no_output_log_or_artifact(built: tuple[Path, str]) -> None:
    folder, output = built
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"manifest.json", "run_results.json", "dbt.log"} <= {path.name for path in files}
    secret = KEY.split("'")[0]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []
    assert secret not in output
    with connect(folder / "kindred.duckdb", read_only=True) as connection:
        assert secret not in str(connection.execute("from duckdb_databases()").fetchall())
        assert secret not in str(connection.execute("from duckdb_settings()").fetchall())


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "is not set"),
        ("short", "has 5 characters"),
        (OTHER_KEY, "is not the key that it was encrypted with"),
        ("schlüssel-0123456789", "characters that DuckDB cannot take"),
    ],
)
def test_missing_or_wrong_key_gives_one_clear_message(
    built: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, key: str, message: str
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(EncryptionError, match=message) as error:
        connect(built[0] / "kindred.duckdb")
    assert not key or key == "short" or key not in str(error.value)
    with pytest.raises(SystemExit, match=message):
        open_database(built[0] / "kindred.duckdb")
    with pytest.raises(EncryptionError, match=message):
        check_database(built[0] / "kindred.duckdb")


def test_dbt_tells_a_missing_key(built: tuple[Path, str]) -> None:
    done = run(built[0], *DEBUG, **{KEY_VARIABLE: ""})
    assert done.returncode != 0
    assert done.stdout.count(f"{KEY_VARIABLE} is not set") == 1


def test_target_and_file_have_to_agree(
    built: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain.duckdb"
    duckdb.connect(str(plain)).close()
    assert not is_encrypted(plain)
    with pytest.raises(EncryptionError, match="is not encrypted"):
        check_database(plain)
    monkeypatch.delenv(TARGET_VARIABLE)
    check_database(plain)
    with pytest.raises(DatabaseError, match="TARGET=encrypted"):
        check_database(built[0] / "kindred.duckdb")


def test_writing_asks_for_strong_cryptography(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BUILTIN_VARIABLE)
    # An empty folder of extensions, and none can be fetched from a server that is not there.
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("python_udfs.database.INSTALL", f"install httpfs from '{tmp_path}'")
    with pytest.raises(EncryptionError, match="weak"):
        check_database(tmp_path / "new.duckdb")


def test_copies_of_an_encrypted_database_are_encrypted(built: tuple[Path, str]) -> None:
    place = place_of(built[0])
    before = emails(place.database)
    backup(place)
    compact(place.database)
    assert is_encrypted(place.database)
    assert sorted(emails(place.database)) == sorted(before)
    restore(place, "")
    copies = list(place.backups.rglob("*.duckdb"))
    assert copies
    assert all(is_encrypted(copy) for copy in copies)
    with opened(place) as connection:
        ((count,),) = connection.execute("select count(*) from privacy.operations_log").fetchall()
    assert count == 1


def test_what_spills_to_disk_is_encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, OTHER_KEY)
    database = tmp_path / "k.duckdb"
    with duckdb.connect() as connection:
        attach(connection, database, "new")
    with connect(database) as connection:
        connection.execute("set memory_limit = '60MB'; set threads = 1")
        connection.execute(
            "create temp table spilled as select i, 'ann.spilled' || i || '@example.com' as email from range(2500000) as t (i)"
        )
        files = [path for path in Path(f"{database}.tmp").rglob("*") if path.is_file() and path.stat().st_size]
        assert files, "nothing was spilled"
        assert not [path for path in files if b"ann.spilled" in path.read_bytes()]


def test_masked_views_are_a_plain_file_of_their_own(built: tuple[Path, str], tmp_path: Path) -> None:
    with connect(built[0] / "kindred.duckdb") as connection:
        connection.execute("create schema if not exists masked")
        connection.execute(
            "create or replace view masked.people as select left(mart.email, 1) as email"
            " from identity.identity_features as mart cross join privacy.masking_key as masking_key"
        )
        ((count,),) = connection.execute("select count(*) from masked.people").fetchall()
    rows = write_masked(built[0] / "kindred.duckdb", tmp_path / "masked.duckdb")
    assert rows["people"] == count
    with duckdb.connect(str(tmp_path / "masked.duckdb"), read_only=True) as connection:
        assert connection.execute("select max(length(email)) from people").fetchall() == [(1,)]
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [("people",)]
