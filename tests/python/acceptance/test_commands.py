"""The commands around a build: whose data a database holds, and what is said when there is nothing to work on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import yaml

from python_udfs.build import (
    DatabaseError,
    RawFolderError,
    check_database,
    check_raw_folder,
    claim_database,
    failed_nodes,
    readable,
    warned_tests,
)
from python_udfs.raw.origin import OriginError
from tests.python.acceptance.bench import PROJECT


def command(*arguments: str, raw: Path | None = None, database: Path) -> subprocess.CompletedProcess[str]:
    """Run a module of the project as a user does."""
    environment = {**os.environ, "KINDRED_DATABASE": str(database), "COLUMNS": "200"}
    if raw is not None:
        environment["KINDRED_RAW"] = str(raw)
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


def raw_folder(folder: Path, demo: str | None = None) -> Path:
    """A raw folder with one table; `demo` are the parameters that `make run` writes beside demo data."""
    (folder / "shopify").mkdir(parents=True)
    (folder / "shopify" / "customer.csv").write_text("id\n1\n")
    if demo:
        (folder / "demo.txt").write_text(demo + "\n")
    return folder


def database_with_a_table(path: Path) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table kept as select 1 as one")
    return path


def test_first_build_claims_the_database(tmp_path: Path) -> None:
    database = tmp_path / "new" / "kindred.duckdb"
    assert claim_database(database, raw_folder(tmp_path / "raw")) is None
    assert database.parent.is_dir()
    assert not database.exists()


def test_same_folder_carries_on(tmp_path: Path) -> None:
    raw = raw_folder(tmp_path / "raw")
    claim_database(tmp_path / "k.duckdb", raw)
    database = database_with_a_table(tmp_path / "k.duckdb")
    (tmp_path / "alias").symlink_to(raw)
    assert claim_database(database, tmp_path / "alias") is None
    assert database.exists()


def test_same_demo_data_carries_on_from_another_folder(tmp_path: Path) -> None:
    claim_database(tmp_path / "k.duckdb", raw_folder(tmp_path / "one", "people=10 seed=7"))
    database = database_with_a_table(tmp_path / "k.duckdb")
    assert claim_database(database, raw_folder(tmp_path / "two", "people=10 seed=7")) is None
    assert database.exists()


@pytest.mark.parametrize("then", ["people=20 seed=7", None])
def test_demo_data_makes_way_for_other_data(tmp_path: Path, then: str | None) -> None:
    claim_database(tmp_path / "k.duckdb", raw_folder(tmp_path / "one", "people=10 seed=7"))
    database = database_with_a_table(tmp_path / "k.duckdb")
    (tmp_path / "k.duckdb.wal").write_bytes(b"log")
    message = claim_database(database, raw_folder(tmp_path / "two", then))
    assert message is not None
    assert "started anew" in message
    assert not database.exists()
    assert not (tmp_path / "k.duckdb.wal").exists()
    # From now on it belongs to the other data.
    database_with_a_table(database)
    assert claim_database(database, tmp_path / "two") is None
    assert database.exists()


@pytest.mark.parametrize("then", ["people=10 seed=7", None])
def test_a_users_database_is_never_mixed_with_other_data(tmp_path: Path, then: str | None) -> None:
    own = raw_folder(tmp_path / "own")
    claim_database(tmp_path / "k.duckdb", own)
    database = database_with_a_table(tmp_path / "k.duckdb")
    other = raw_folder(tmp_path / "other", then)
    with pytest.raises(OriginError, match="Set KINDRED_DATABASE to another file"):
        claim_database(database, other)
    assert claim_database(database, own) is None

    done = command("python_udfs.build", raw=other, database=database)
    assert done.returncode == 2
    assert str(own) in done.stderr
    assert "KINDRED_DATABASE" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("select one from kept").fetchall() == [(1,)]


def test_tables_that_are_in_the_database_need_no_folder(tmp_path: Path) -> None:
    database = database_with_a_table(tmp_path / "k.duckdb")
    assert claim_database(database, None) is None
    assert claim_database(database, None) is None
    with pytest.raises(OriginError, match="tables in the database"):
        claim_database(database, raw_folder(tmp_path / "raw"))


def test_database_and_folder_that_moved_together_carry_on(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    raw_folder(tmp_path / "before" / "raw")
    claim_database(tmp_path / "before" / "k.duckdb", tmp_path / "before" / "raw")
    database_with_a_table(tmp_path / "before" / "k.duckdb")
    (tmp_path / "before").rename(tmp_path / "after")
    assert claim_database(tmp_path / "after" / "k.duckdb", tmp_path / "after" / "raw") is None


def test_build_without_a_folder_takes_the_one_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KINDRED_RAW", raising=False)
    raw = raw_folder(tmp_path / "raw")
    claim_database(tmp_path / "k.duckdb", raw)
    database = database_with_a_table(tmp_path / "k.duckdb")
    shutil.rmtree(raw)
    done = command("python_udfs.build", database=database)
    assert f"the folder {raw} does not exist" in done.stderr


@pytest.mark.parametrize(
    ("exported", "given", "expected"),
    [
        (None, None, "unset"),
        ("/mine", None, "/mine"),
        ("", None, ""),
        ("/mine", "/other", "/other"),
        (None, "/x", "/x"),
    ],
)
def test_make_takes_the_folder_that_is_given_else_that_of_the_environment(
    exported: str | None, given: str | None, expected: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "KINDRED_RAW"}
    done = subprocess.run(
        ["make", "-f", "Makefile", "-f", "-", "told", *([f"RAW={given}"] if given else [])],
        input='told:\n\t@echo "$${KINDRED_RAW-unset}"\n',
        cwd=PROJECT,
        env=environment | ({} if exported is None else {"KINDRED_RAW": exported}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{expected}\n"), done.stderr


def made(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a target in a folder whose Python only says what it was asked for."""
    python = folder / ".venv" / "bin" / "python"
    if not python.exists():
        python.parent.mkdir(parents=True)
        python.write_text('#!/bin/sh\necho "$@"\n')
        python.chmod(0o755)
        (folder / "requirements.lock").touch()
        (folder / ".venv" / ".installed").touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KINDRED_")}
    return subprocess.run(
        ["make", "-f", str(PROJECT / "Makefile"), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_demo_data_never_takes_the_place_of_raw_data(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    raw_folder(tmp_path / "data" / "raw")
    refused = made(tmp_path, "run")
    assert refused.returncode == 2
    assert "data/raw holds raw data of your own" in refused.stderr
    assert "make run RAW=data/raw" in refused.stderr
    assert "python_udfs.demo" not in refused.stdout
    assert "python_udfs.build" in made(tmp_path, "run", "RAW=data/raw").stdout
    shutil.rmtree(tmp_path / "data" / "raw")
    raw_folder(tmp_path / "data" / "raw", "people=10 seed=7")
    assert "python_udfs.demo --people 10000" in made(tmp_path, "run").stdout


def test_demo_data_that_broke_off_are_made_again(tmp_path: Path) -> None:
    made(tmp_path, "setup")
    python = tmp_path / ".venv" / "bin" / "python"
    says = python.read_text()
    python.write_text("#!/bin/sh\nmkdir -p data/raw/shopify && touch data/raw/shopify/order.parquet\nexit 1\n")
    assert made(tmp_path, "run").returncode != 0
    python.write_text(says)
    assert "python_udfs.demo --people 10000" in made(tmp_path, "run").stdout


@pytest.mark.parametrize("option", ["PEOPLE=many", "PEOPLE=-5", "SEED=x"])
def test_a_mistyped_number_leaves_the_demo_what_it_is(tmp_path: Path, option: str) -> None:
    (tmp_path / "data").mkdir()
    raw_folder(tmp_path / "data" / "raw", "people=10 seed=7")
    refused = made(tmp_path, "run", option)
    assert refused.returncode == 2
    assert option in refused.stderr
    assert "python_udfs.demo" not in refused.stdout
    assert (tmp_path / "data" / "raw" / "demo.txt").read_text() == "people=10 seed=7\n"


def test_what_names_a_person_is_text_whatever_signs_it_has(tmp_path: Path) -> None:
    reason = 'she said "no", `twice`; $(5)'
    given = ("SUBJECT=o'neil\"x@x.org", "SET=city=Leeds; country=GB", f"REASON={reason.replace('$', '$$')}")
    told = made(tmp_path, "rectify-subject", *given).stdout
    assert f"--subject o'neil\"x@x.org --set city=Leeds; country=GB --wrong  --reason {reason} --withdraw" in told
    assert "--subject ann@x.org" in made(tmp_path, "erase-subject", "SUBJECT=ann@x.org").stdout


@pytest.mark.parametrize(
    ("given", "is_dry"), [("", False), ("0", False), ("no", False), ("false", False), ("1", True), ("yes", True)]
)
def test_a_dry_run_that_is_declined_is_none(tmp_path: Path, given: str, is_dry: bool) -> None:
    erased = made(tmp_path, "erase-subject", "SUBJECT=ann@x.org", f"DRY_RUN={given}").stdout
    assert ("--dry-run" in erased) == is_dry
    # Without one a build follows.
    retained = made(tmp_path, "retain", f"DRY_RUN={given}").stdout
    assert ("--dry-run" in retained, "python_udfs.build" in retained) == (is_dry, not is_dry)


def test_clean_removes_the_demo_and_nothing_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    raw_folder(tmp_path / "data" / "raw", "people=10 seed=7")
    origin = tmp_path / "data" / "kindred.duckdb.origin"
    origin.write_text("demo people=10 seed=7\nraw")
    own = tmp_path / "data" / "own.duckdb.origin"
    own.write_text("/landed\n../landed")
    refused = made(tmp_path, "clean")
    assert refused.returncode == 2
    assert "a database of your own" in refused.stderr
    assert origin.exists()
    own.unlink()
    (tmp_path / "data" / "raw" / "demo.txt").unlink()
    assert made(tmp_path, "clean").returncode == 2
    (tmp_path / "data" / "raw" / "demo.txt").write_text("people=10 seed=7")
    assert made(tmp_path, "clean").returncode == 0
    assert not (tmp_path / "data").exists()


def test_missing_raw_folder_is_named(tmp_path: Path) -> None:
    done = command("python_udfs.build", raw=tmp_path / "nowhere", database=tmp_path / "k.duckdb")
    assert done.returncode == 2
    assert f"the folder {tmp_path / 'nowhere'} does not exist" in done.stderr
    assert "Set RAW" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_folder_one_level_off_is_no_raw_folder(tmp_path: Path) -> None:
    raw = raw_folder(tmp_path / "raw")
    check_raw_folder(raw)
    for folder in (raw / "shopify", tmp_path):
        with pytest.raises(RawFolderError, match="holds no tables in folders of sources"):
            check_raw_folder(folder)


def test_database_in_use_or_foreign_is_named(tmp_path: Path) -> None:
    check_database(tmp_path / "new.duckdb")
    (tmp_path / "foreign.duckdb").write_text("this is not a database")
    with pytest.raises(DatabaseError, match=r"foreign\.duckdb: cannot be written to"):
        check_database(tmp_path / "foreign.duckdb")

    database = database_with_a_table(tmp_path / "k.duckdb")
    check_database(database)
    with duckdb.connect(str(database)):
        done = command("python_udfs.build", raw=raw_folder(tmp_path / "raw"), database=database)
    assert done.returncode == 2
    assert f"{database}: cannot be written to" in done.stderr
    assert "Close the program that uses it" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_database_that_another_build_took_meanwhile_is_named() -> None:
    told = (
        'IO Error: Could not set lock on file "/data/k.duckdb": Conflicting lock is held in /usr/bin/python3.11 (PID 22233).'
        " See also https://duckdb.org/docs/current/connect/concurrency"
    )
    assert readable(told) == (
        "/data/k.duckdb: another program (PID 22233) uses it, such as another build."
        " Wait until it has ended, or close it, and build again."
    )


def test_failures_are_told_in_plain_words() -> None:
    told = (
        "\x1b[31mEncountered an error:\n"
        "Compilation Error in operation kindred-on-run-start-0 (./dbt_project.yml)\n"
        "  raw/shopify/customer.csv: has no header line.\n"
        "  \n"
        "  > in macro expose_raw_files (macros/engine/expose_raw_files.sql)\n"
        "  > called by operation kindred-on-run-start-0 (./dbt_project.yml)\x1b[0m"
    )
    assert readable(told) == "raw/shopify/customer.csv: has no header line."
    asked = (
        "Encountered an error while running operation: Compilation Error in macro explain_match (macros/identity/explain_match.sql)\n"
        "  explain_match: there is no record 'a'.\n"
        "  \n"
        "  > in macro explained_records (macros/identity/explain_match.sql)\n"
        "  > called by macro explain_match (macros/identity/explain_match.sql)"
    )
    assert readable(asked) == "explain_match: there is no record 'a'."
    there = 'Encountered an error while running operation: IO Error: Cannot open database "k.duckdb"'
    assert readable(there) == 'IO Error: Cannot open database "k.duckdb"'
    assert (
        readable("Encountered an error while running operation: Runtime Error\n  Catalog Error: no")
        == "Catalog Error: no"
    )
    misspelt = (
        "Compilation Error in model consent_barred_customers (models/marts/consent/consent_barred_customers.sql)\n"
        "  Required var 'consent_minor_age' not found in config:\n"
        '  Vars supplied to consent_barred_customers = {\n      "as_of": "",\n      "consent_minor_agee": 16,\n      "masking": [\n'
        '          {"columns": "x"}\n      ]\n  }\n'
        "  \n"
        "  > in macro consent_barred_customers_query (macros/consent/rules/consent_barred_customers.sql)"
    )
    told = "'consent_minor_age' is missing among the vars of dbt_project.yml; is 'consent_minor_agee' meant to be it?"
    assert readable(misspelt).splitlines()[-1].strip() == told
    assert failed_nodes(None) == []


def test_warnings_are_told_with_what_shows_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    test = SimpleNamespace(name="orders_money_is_convertible", description="Orders count for 0:\nadd the rate.")
    nodes = [
        SimpleNamespace(status="warn", failures=3, node=test),
        SimpleNamespace(status="pass", failures=0, node=SimpleNamespace(name="fine", description="")),
    ]
    monkeypatch.delenv("KINDRED_TARGET", raising=False)
    options = "--target readonly --limit -1 --output json"
    command = f".venv/bin/dbt --log-level-file none show {options} --select orders_money_is_convertible"
    assert warned_tests(SimpleNamespace(results=nodes)) == [
        f"orders_money_is_convertible: 3 rows. Orders count for 0: add the rate.\n  Show them: {command}"
    ]
    monkeypatch.setenv("KINDRED_TARGET", "encrypted")
    assert "--target encrypted_readonly " in warned_tests(SimpleNamespace(results=nodes))[0]
    assert warned_tests(None) == []


def test_every_number_of_the_project_is_checked() -> None:
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    numbers = {name for name, value in declared.items() if type(value) in (int, float)}
    checks = (PROJECT / "macros" / "settings" / "check_settings.sql").read_text(encoding="utf-8")
    listed = re.findall(r"'(\w+)'", checks.partition("{% endmacro %}")[0])
    assert sorted(listed) == sorted(numbers)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "{consent_minor_age: -3}",
            "'consent_minor_age' (vars of dbt_project.yml) is '-3', which makes no sense: give a number from 0 up.",
        ),
        (
            "{consent_minor_agee: 18}",
            "--vars: there is no variable 'consent_minor_agee' in dbt_project.yml. Did you mean 'consent_minor_age'?",
        ),
        (
            "{default_country: Germany}",
            "'default_country' (vars of dbt_project.yml) is 'Germany', which makes no sense: give two",
        ),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_build_in_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, setting: str, told: str
) -> None:
    # One folder for all, in which dbt keeps what it has parsed.
    target = tmp_path_factory.getbasetemp() / "settings_target"
    options = ("--target-path", str(target), "--log-path", str(tmp_path / "logs"))
    raw = raw_folder(tmp_path / "raw")
    done = command(
        "python_udfs.build",
        "--select",
        "purposes",
        "--vars",
        setting,
        *options,
        raw=raw,
        database=tmp_path / "k.duckdb",
    )
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {told}")


def test_question_about_nothing_is_answered_in_one_sentence(tmp_path: Path) -> None:
    database = database_with_a_table(tmp_path / "k.duckdb")
    options = ("--target", "readonly", "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs"))
    done = command("python_udfs.ask", "segment_preview", "--args", "{segment: nope}", *options, database=database)
    assert done.returncode == 1
    assert done.stderr.startswith("error: Segment 'nope' (vars: segments): is not declared.")
    assert len(done.stderr.splitlines()) == 1
    assert "> " not in done.stdout + done.stderr
    early = command("python_udfs.ask", "segment_preview", "--args", "{segment: vip}", *options, database=database)
    assert early.stderr.startswith("error: There are no customers in the database yet. Run `make run` first")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("python_udfs.privacy", "erase-subject"),
            "erase-subject needs --subject (with make: SUBJECT=<any identifier>)",
        ),
        (("python_udfs.privacy", "export"), "argument operation: invalid choice: 'export' (choose from "),
        (("python_udfs.demo", "--people", "many"), "argument --people: 'many' is not a whole number; give one such as"),
        (("benchmarks.build", "--people", "many"), "argument --people: many: give a whole number from 1 up"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_sentence(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    done = command(*arguments, database=tmp_path / "k.duckdb")
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {told}")
    assert len(done.stderr.splitlines()) == 1


def test_commands_of_the_readme_exist_and_name_their_settings() -> None:
    """A command that was renamed is renamed where it is quoted; what is given to it is something that the Makefile asks for."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    quoted = re.findall(r"(?:^|`|&& |\" )make ([a-z-]+)([^`#\n]*)", readme, flags=re.MULTILINE)
    assert len(quoted) > 30
    assert [name for name, _ in quoted if name not in targets] == []
    given = {setting for _, rest in quoted for setting in re.findall(r"\b([A-Z_]+)=", rest)}
    assert [
        setting for setting in sorted(given) if f"$({setting})" not in makefile and f"$${setting}" not in makefile
    ] == []


def test_help_shows_whole_lines() -> None:
    done = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  benchmark-defaults ")]
    assert line.endswith("[WITHOUT=email|all] [STEPS=1]")


def test_summary_of_an_empty_database(tmp_path: Path) -> None:
    database = tmp_path / "empty.duckdb"
    duckdb.connect(str(database)).close()
    done = command("python_udfs.summary", "--database", str(database), database=database)
    assert done.returncode == 0, done.stderr
    assert "customer_ids is not built" in done.stdout
    assert "Nothing is built yet" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_summary_without_a_database(tmp_path: Path) -> None:
    done = command("python_udfs.summary", "--database", str(tmp_path / "none.duckdb"), database=tmp_path / "x.duckdb")
    assert done.returncode != 0
    assert "no such database" in done.stderr
    assert "Traceback" not in done.stderr
