"""Files and Postgres hold what the activation tables hold, and only changes are sent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from python_udfs.delivery.__main__ import main
from python_udfs.delivery.files import DeliveryError, export_files
from python_udfs.delivery.folders import recorded_folders
from python_udfs.delivery.postgres import postgres_type, publish
from tests.python.delivery import postgres_server

PROJECT = Path(__file__).resolve().parents[3]
STATE = "activation.activation_email_state"
CURRENT = "activation.activation_email_current"


def make(database: Path, rows: int) -> None:
    """A state with `rows` addresses, a few of them deleted, and values that are awkward in CSV."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema activation")
        connection.execute(
            f"create table {STATE} as select md5(i::varchar) as activation_id, 'c' || i as customer_id,"
            " case i % 5 when 0 then null when 1 then '' when 2 then 'a \"quoted\", line' || chr(10) || 'two'"
            " when 3 then '\\N' else 'p' || i || '@x.org' end as email, i % 7 = 0 as is_deliverable,"
            " (i / 100)::decimal(18, 2) as net_revenue, i % 50 = 0 as is_deleted, md5('row' || i) as row_hash,"
            f" timestamp '2025-06-01 00:00:00' as updated_at from range({rows}) as r(i)"
        )
        connection.execute(f"create view {CURRENT} as select * exclude (is_deleted) from {STATE} where not is_deleted")


def a_day_later(database: Path) -> None:
    """300 changes, 200 deletions, 100 rows that are new."""
    with duckdb.connect(str(database)) as connection:
        now = "updated_at = timestamp '2025-06-02 00:00:00.5'"
        of = f"where activation_id in (select activation_id from {STATE} where not is_deleted order by activation_id"
        connection.execute(f"update {STATE} set email = 'new@x.org', row_hash = md5(row_hash), {now} {of} limit 300)")
        connection.execute(
            f"update {STATE} set is_deleted = true, row_hash = md5(row_hash), {now} {of} limit 200 offset 1000)"
        )
        connection.execute(
            f"insert into {STATE} select md5('new' || i), 'n' || i, 'n@x.org', true, 1, false, md5('n' || i),"
            " timestamp '2025-06-02 00:00:00.5' from range(100) as r(i)"
        )


def fingerprints(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(file.relative_to(folder)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_files_hold_the_truth_and_changes_and_are_left_alone_when_nothing_changes(tmp_path: Path) -> None:
    database, out = tmp_path / "k.duckdb", tmp_path / "exports"
    make(database, 2000)
    with duckdb.connect(str(database)) as connection:
        export_files(connection, out)
        first = fingerprints(out)
        assert all(not written.files for written in export_files(connection, out))
        assert fingerprints(out) == first
    a_day_later(database)
    with duckdb.connect(str(database)) as connection:
        (written,) = export_files(connection, out)
        assert written.changed_rows == 600
        for form in ("parquet", "csv"):
            changes = sorted((out / "email" / "changes").glob(f"*.{form}"))
            assert len(changes) == 2
            # A client that plays the changes one after the other has the present truth.
            copy = connection.execute(
                f"select count(*) from (select * from '{out}/email/changes/*.{form}'"
                " qualify row_number() over (partition by activation_id order by updated_at desc) = 1)"
                f" as played full join '{out}/email/current.{form}' as now using (activation_id)"
                " where (not coalesce(played.is_deleted, true)) <> (now.row_hash is not null)"
                " or (not played.is_deleted and played.row_hash <> now.row_hash)"
            ).fetchall()
            assert copy == [(0,)]
        (there,) = connection.execute(
            f"select count(*) from (from {CURRENT} except from '{out}/email/current.parquet')"
        ).fetchall()
        assert there == (0,)


def test_drafts_of_an_export_that_was_killed_go_with_the_next(tmp_path: Path) -> None:
    database, out = tmp_path / "k.duckdb", tmp_path / "exports"
    make(database, 10)
    with duckdb.connect(str(database)) as connection:
        export_files(connection, out)
        before = set(fingerprints(out))
        for draft in ("changes/.20250530T000000000000.parquet.draft", ".current.csv.draft"):
            (out / "email" / draft).write_text("somebody@x.org")
        export_files(connection, out)
    assert set(fingerprints(out)) == before


def test_the_same_rows_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    outs = []
    for name, order in (("one", "activation_id"), ("other", "row_hash")):
        database = tmp_path / f"{name}.duckdb"
        make(database, 2000)
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"create table turned as from {STATE} order by {order}")
            connection.execute(f"delete from {STATE}")
            connection.execute(f"insert into {STATE} from turned order by {order}")
            export_files(connection, tmp_path / name)
        outs.append({file: content for file, (_, content) in fingerprints(tmp_path / name).items()})
    assert outs[0] == outs[1]


def test_a_folder_that_knows_more_than_the_database_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "new.duckdb", 100)
    make(tmp_path / "old.duckdb", 100)
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        connection.execute(f"update {STATE} set updated_at = timestamp '2026-01-01 00:00:00'")
        export_files(connection, tmp_path / "out")
    with (
        duckdb.connect(str(tmp_path / "old.duckdb")) as connection,
        pytest.raises(DeliveryError, match="comes from another database"),
    ):
        export_files(connection, tmp_path / "out")


def test_an_empty_database_and_a_foreign_type_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    duckdb.connect(str(tmp_path / "k.duckdb")).close()
    assert main(["--database", str(tmp_path / "k.duckdb"), "--out", str(tmp_path / "out")]) == 1
    assert "holds no activation tables" in capsys.readouterr().err
    with pytest.raises(DeliveryError, match=r"t\.c has type STRUCT"):
        postgres_type("t", "c", "STRUCT(a INTEGER)")


def test_another_folder_is_whole_and_counts_as_a_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "k.duckdb"
    make(database, 100)
    monkeypatch.delenv("KINDRED_EXPORTS", raising=False)

    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema deliveries")
        connection.execute(
            "create table deliveries.deliveries (destination varchar, target varchar,"
            " told_until timestamp, primary key (destination, target))"
        )
    for out, noted in ((["--out", str(tmp_path / "elsewhere")], []), ([], [("email", "files", "2025-06-01 00:00:00")])):
        assert main(["--database", str(database), *out]) == 0
        with duckdb.connect(str(database)) as connection:
            assert (
                connection.execute(
                    "select destination, target, told_until::varchar from deliveries.deliveries"
                ).fetchall()
                == noted
            )
    assert capsys.readouterr().err.count("A copy: activation_monitoring goes by") == 1
    whole = [
        {name: content for name, (_, content) in fingerprints(tmp_path / folder).items()}
        for folder in ("elsewhere", "exports")
    ]
    assert whole[0] == whole[1] and len(whole[0]) == 4


def test_a_destination_that_is_not_built_any_more_is_told_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "k.duckdb", 10)
    with duckdb.connect(str(tmp_path / "k.duckdb")) as connection:
        connection.execute("create table activation.activation_monitoring (destination varchar)")
    assert main(["--database", str(tmp_path / "k.duckdb")]) == 0
    assert "(switched off: whoever was sent there is to be deleted)" in capsys.readouterr().err
    with duckdb.connect(str(tmp_path / "k.duckdb")) as connection:
        connection.execute("insert into activation.activation_monitoring values ('email')")
    assert main(["--database", str(tmp_path / "k.duckdb")]) == 0
    assert "switched off" not in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_named_and_not_remembered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "k.duckdb", 10)
    (tmp_path / "file").write_text("no folder")
    assert main(["--database", str(tmp_path / "k.duckdb"), "--out", str(tmp_path / "file" / "exports")]) == 1
    told = capsys.readouterr().err
    assert f"could not be exported to {tmp_path / 'file' / 'exports'} (Not a directory)" in told
    assert "with OUT" in told
    with duckdb.connect(str(tmp_path / "k.duckdb")) as connection:
        assert recorded_folders(connection) == {}


def test_a_database_in_use_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path / "k.duckdb", 10)
    holds = f"import duckdb, time; c = duckdb.connect({str(tmp_path / 'k.duckdb')!r}); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", holds], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        try:
            assert main(["--database", str(tmp_path / "k.duckdb"), "--out", str(tmp_path / "exports")]) == 1
        finally:
            other.kill()
    assert "Close the program that uses the database" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["pass-word", "hots=db password=pass-word", "postgresql://u:pass-word@[db"])
def test_a_connection_string_that_is_none_is_told_without_quoting_it(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "k.duckdb", 10)
    monkeypatch.setenv("KINDRED_POSTGRES", wrong)
    assert main(["--database", str(tmp_path / "k.duckdb"), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "error: KINDRED_POSTGRES is no connection string" in said and "pass-word" not in said


@pytest.fixture(scope="module")
def conninfo() -> Iterator[str]:
    programs = postgres_server.programs()
    if programs is None:
        pytest.skip("No Postgres server here (initdb, pg_ctl): install the package postgresql to run this test.")
    with postgres_server.server(programs) as string:
        yield string


def difference(database: Path, conninfo: str) -> int:
    """Rows of both tables that only one side has, every column compared."""
    count = 0
    with duckdb.connect(str(database), read_only=True) as source, psycopg.connect(conninfo) as target:
        for table in (CURRENT, STATE):
            here = set(source.execute(f"select * from {table}").fetchall())
            columns = ", ".join(row[0] for row in source.execute(f"describe {table}").fetchall())
            there: set[tuple[Any, ...]] = set(
                target.execute(f"select {columns} from kindred.{table.split('.')[1]}".encode()).fetchall()
            )
            count += len(here ^ there)
    return count


def test_postgres_gets_changes_only_and_survives_a_kill(conninfo: str, tmp_path: Path) -> None:
    database = tmp_path / "k.duckdb"
    make(database, 100_000)
    with duckdb.connect(str(database)) as connection:
        published = publish(connection, conninfo, "kindred")
        assert [(table.written, table.deleted) for table in published] == [(98_000, 0), (100_000, 0)]
        assert [(t.written, t.deleted) for t in publish(connection, conninfo, "kindred")] == [(0, 0), (0, 0)]
    assert difference(database, conninfo) == 0
    a_day_later(database)
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    # Somebody holds a row that is to change, so that the run stands in the middle of writing; there it is killed.
    with psycopg.connect(conninfo) as holder:
        (key,) = holder.execute("select min(activation_id) from kindred.activation_email_current").fetchone() or ("",)
        holder.execute("select * from kindred.activation_email_current where activation_id = %s for update", (key,))
        run = subprocess.Popen(
            [sys.executable, "-m", "python_udfs.delivery", "--database", str(database), "--out", str(tmp_path / "out")],
            cwd=PROJECT,
            env={**os.environ, "KINDRED_POSTGRES": conninfo, "TMPDIR": str(temporary)},
            stderr=subprocess.DEVNULL,
        )
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into%'"
        with psycopg.connect(conninfo, autocommit=True) as watcher:
            for _ in range(300):
                if (watcher.execute(waiting).fetchone() or (0,))[0]:
                    break
                time.sleep(0.1)
            else:
                pytest.fail("The export never came to the row that was held.")
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert difference(database, conninfo) > 0
    # What was to be sent is personal data.
    assert list(temporary.rglob("*")) == []

    with duckdb.connect(str(database)) as connection:
        published = publish(connection, conninfo, "kindred")
        assert [(table.written, table.deleted) for table in published] == [(400, 200), (600, 0)]
    assert difference(database, conninfo) == 0


def test_columns_that_change_or_go_are_followed_in_postgres(conninfo: str, tmp_path: Path) -> None:
    database = tmp_path / "k.duckdb"
    make(database, 100)
    with duckdb.connect(str(database)) as connection:

        def change(*changes: str) -> None:
            connection.execute(f"drop view {CURRENT}")
            for each in changes:
                connection.execute(f"alter table {STATE} {each}")
            connection.execute(
                f"create view {CURRENT} as select * exclude (is_deleted) from {STATE} where not is_deleted"
            )

        change("add column spent integer default 7", "add column nickname varchar default 'annie'")
        publish(connection, conninfo, "changing")
        with psycopg.connect(conninfo) as there:
            there.execute(
                "alter table changing.activation_email_current add column note text not null default 'theirs'"
            )
            there.execute(
                "alter table changing.activation_email_current add column twice text generated always as (note || note) stored"
            )
        change("alter spent type double", "drop column nickname")
        connection.execute(f"update {STATE} set spent = 7.5, row_hash = row_hash || 'x'")
        publish(connection, conninfo, "changing")
        # What cannot have its new type is left as it was.
        change("alter email type date using date '2025-01-01'")
        with pytest.raises(DeliveryError, match="email in Postgres is text, which cannot become date"):
            publish(connection, conninfo, "changing")
        with psycopg.connect(conninfo) as there:
            query = "select min(spent), count(nickname), count(email) > 0, min(note), min(twice) from changing.activation_email_current"
            assert there.execute(query).fetchone() == (7.5, 0, True, "theirs", "theirstheirs")
            there.execute("alter table changing.activation_email_current alter column spent set not null")
        change("alter email type varchar", "drop column spent")
        with pytest.raises(DeliveryError, match="spent in Postgres cannot be emptied"):
            publish(connection, conninfo, "changing")


@pytest.mark.parametrize(
    "setting",
    ["encoding 'LATIN1'", "encoding 'SQL_ASCII'", "encoding 'UTF8'; alter database {} set datestyle to 'German, DMY'"],
)
def test_postgres_may_be_set_to_another_encoding_or_style_of_dates(conninfo: str, tmp_path: Path, setting: str) -> None:
    database, name = tmp_path / "k.duckdb", f"other_{abs(hash(setting))}"
    make(database, 100)
    with psycopg.connect(conninfo, autocommit=True) as there:
        for statement in f"create database {name} template template0 locale 'C' {setting}".format(name).split("; "):
            there.execute(statement.encode())
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"update {STATE} set email = 'J\u00fcrgen' || chr(0) || '@x.org' where email like 'p%'")
        other = conninfo.replace("dbname=postgres", f"dbname={name}")
        assert [(t.written, t.deleted) for t in publish(connection, other, "kindred")] == [(98, 0), (100, 0)]
        assert [(t.written, t.deleted) for t in publish(connection, other, "kindred")] == [(0, 0), (0, 0)]
        connection.execute(f"update {STATE} set email = replace(email, chr(0), '')")
    assert difference(database, f"{other} client_encoding=UTF8") == 0


def test_a_role_that_may_write_one_schema_only_is_enough(conninfo: str, tmp_path: Path) -> None:
    make(tmp_path / "k.duckdb", 100)
    with psycopg.connect(conninfo, autocommit=True) as there:
        there.execute("create role courier login")
        there.execute("create schema lent")
        there.execute("grant usage, create on schema lent to courier")
    courier = conninfo.replace("user=kindred", "user=courier")
    with duckdb.connect(str(tmp_path / "k.duckdb")) as connection:
        assert [(t.written, t.deleted) for t in publish(connection, courier, "lent")] == [(98, 0), (100, 0)]
        assert [(t.written, t.deleted) for t in publish(connection, courier, "lent")] == [(0, 0), (0, 0)]


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        ("table {} (activation_id text, email text)", "is no table with activation_id as its key"),
        ("table {} (id serial primary key, email text)", "is no table with activation_id as its key"),
        ("table {} (activation_id text, unique (activation_id, email), email text)", "is no table with activation_id"),
        ("view {} as select 'a'::text as activation_id", "is no table with activation_id as its key"),
        ("table {} (activation_id text primary key, note text not null)", "NotNullViolation"),
        ("table {} (activation_id text unique, email varchar(3))", ""),
    ],
)
def test_what_has_the_name_of_a_table_in_postgres_already_is_named(
    made: str,
    complaint: str,
    conninfo: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schema = f"taken_{abs(hash(made))}"
    make(tmp_path / "k.duckdb", 100)
    monkeypatch.setenv("KINDRED_POSTGRES", conninfo)
    with psycopg.connect(conninfo, autocommit=True) as there:
        there.execute(f"create schema {schema}".encode())
        there.execute(f"create {made.format(f'{schema}.activation_email_current')}".encode())
    status = main(["--database", str(tmp_path / "k.duckdb"), "--schema", schema])
    told = capsys.readouterr().err
    assert status == (1 if complaint else 0), told
    assert f"{schema}.activation_email_current" in told and complaint in told


def test_a_right_that_is_missing_is_told_with_its_table(
    conninfo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "k.duckdb", 100)
    with psycopg.connect(conninfo, autocommit=True) as there:
        there.execute("create role onlooker login")
        there.execute("create schema closed")
    monkeypatch.setenv("KINDRED_POSTGRES", conninfo.replace("user=kindred", "user=onlooker"))
    assert main(["--database", str(tmp_path / "k.duckdb"), "--schema", "closed"]) == 1
    assert "(InsufficientPrivilege, 42501, closed.activation_email_current)" in capsys.readouterr().err
