"""What a preview tells about two builds of the same records."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from python_udfs.preview import Change, Preview, PreviewError, build_copy, compare, show

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
        connection.execute("create table activation.activation_email_current (customer_id text, email text)")
        for identifier in permitted:
            connection.execute("insert into activation.activation_email_current values ('c', ?)", [identifier])
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
    assert preview.audiences == {"e-mail": Change(1, 1, 1, 1)}
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
