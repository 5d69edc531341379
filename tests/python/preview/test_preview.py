"""What a preview tells about two builds of the same records."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from python_udfs.preview import (
    DESTINATIONS,
    Change,
    Preview,
    PreviewError,
    build_copy,
    check_variables,
    compare,
    main,
    show,
)

Customers = dict[str, str]


def database(path: Path, customers: Customers, segments: list[tuple[str, str]], permitted: list[str]) -> Path:
    """A database with the tables that a preview looks at: record -> customer, (customer, segment), contact points in use."""
    with duckdb.connect(str(path)) as connection:
        for schema in ("identity", "marts", "activation"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table identity.customer_ids (record_id text, customer_id text)")
        connection.executemany("insert into identity.customer_ids values (?, ?)", list(customers.items()))
        connection.execute("create table marts.segment_membership (customer_id text, segment_name text)")
        if segments:
            connection.executemany("insert into marts.segment_membership values (?, ?)", segments)
        connection.execute(
            "create table marts.consent_status (identifier_type text, identifier text, purpose_code text, channel text,"
            " is_permitted boolean)"
        )
        for identifier in ("a@example.com", "b@example.com"):
            connection.execute(
                "insert into marts.consent_status values ('email', ?, 'marketing', 'email', ?)",
                [identifier, identifier in permitted],
            )
        for destination in ("email", "google"):
            connection.execute(f"create table activation.activation_{destination}_current (activation_id text)")
            for identifier in permitted:
                connection.execute(f"insert into activation.activation_{destination}_current values (?)", [identifier])
    return path


NOW: Customers = {"r1": "ada", "r2": "ada", "r3": "bo", "r4": "cy", "r5": "cy", "r6": "cy"}
SEGMENTS = [("ada", "vip"), ("bo", "vip"), ("cy", "new")]


def preview_of(tmp_path: Path, then: Customers, segments: list[tuple[str, str]], permitted: list[str]) -> Preview:
    before = database(tmp_path / "now.duckdb", NOW, SEGMENTS, ["a@example.com"])
    return compare(before, database(tmp_path / "then.duckdb", then, segments, permitted))


def test_two_equal_builds_differ_in_nothing(tmp_path: Path) -> None:
    preview = preview_of(tmp_path, NOW, SEGMENTS, ["a@example.com"])
    assert preview.is_empty()
    assert (preview.merged_customers, preview.split_customers, preview.moved_records) == (0, 0, 0)


def test_merges_splits_and_moves_are_told_apart(tmp_path: Path) -> None:
    """Bo's record joins Ada; one of Cy's three records becomes a customer of its own."""
    then = NOW | {"r3": "ada", "r6": "dee"}
    preview = preview_of(tmp_path, then, [("ada", "vip"), ("cy", "new"), ("dee", "new")], ["b@example.com"])
    assert (preview.merged_customers, preview.split_customers, preview.moved_records) == (1, 1, 2)
    assert preview.customers == Change(before=3, after=3, gained=1, lost=1)
    assert preview.segments == {"vip": Change(2, 1, 0, 1), "new": Change(1, 2, 1, 0)}
    assert preview.consents == {"marketing by email": Change(1, 1, 1, 1)}
    assert preview.audiences == {"email": Change(1, 1, 1, 1), "google": Change(1, 1, 1, 1)}
    assert [(e.customer_id, e.outcome, e.records_before, e.records_after) for e in preview.examples] == [
        ("cy", "split", 3, 2),
        ("bo", "merged", 1, 0),
    ]


def test_records_that_come_or_go_are_counted_by_themselves(tmp_path: Path) -> None:
    then = {record: customer for record, customer in NOW.items() if record != "r1"} | {"r7": "eve"}
    preview = preview_of(tmp_path, then, SEGMENTS, ["a@example.com"])
    assert preview.records == Change(before=6, after=6, gained=1, lost=1)
    assert preview.moved_records == 0
    assert not preview.is_empty()


def test_only_what_changes_is_shown(tmp_path: Path) -> None:
    preview = preview_of(tmp_path, NOW | {"r3": "ada"}, [("ada", "vip"), ("cy", "new")], ["a@example.com"])
    printed = StringIO()
    show(preview, Console(file=printed, width=120))
    assert "Merged into another: 1. Split: 0." in printed.getvalue()
    assert "vip" in printed.getvalue()
    assert "new" not in printed.getvalue().replace("now", "")
    assert "Consent" not in printed.getvalue()


def test_without_customers_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    missing = tmp_path / "missing.duckdb"
    with pytest.raises(PreviewError, match="no such database"):
        build_copy(missing, tmp_path / "copy.duckdb", None, Console(file=StringIO()))
    duckdb.connect(str(missing)).close()
    with pytest.raises(PreviewError, match="holds no customers"):
        build_copy(missing, tmp_path / "copy.duckdb", None, Console(file=StringIO()))
    assert not (tmp_path / "copy.duckdb").exists()


def test_every_destination_of_the_project_is_compared() -> None:
    models = Path("models/marts/activation").glob("activation_*_current.sql")
    assert {f"activation_{destination}_current" for destination in DESTINATIONS} == {model.stem for model in models}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (
            "{identity_treshold: 2}",
            "no variable 'identity_treshold' in dbt_project.yml. Did you mean 'identity_threshold'?",
        ),
        (
            "{identity_threshold:2}",
            "Did you mean 'identity_threshold'? Write VARS='{identity_threshold: 2}', with a blank",
        ),
        ("identity_threshold", "names no variables. Write VARS="),
        ("{identity_threshold: 2", "cannot be read. Write VARS="),
    ],
)
def test_a_variable_that_would_change_nothing_is_refused(
    variables: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--vars", variables]) == 2
    assert told in capsys.readouterr().out


def test_variables_of_the_project_are_taken() -> None:
    check_variables("{identity_threshold: 2, shopify_database: landed}")


def test_a_file_that_cannot_be_written_is_told_before_the_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "nowhere" / "preview.json")]) == 2
    assert f"there is no folder {tmp_path / 'nowhere'}" in capsys.readouterr().out
