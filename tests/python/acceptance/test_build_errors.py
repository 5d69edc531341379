"""Broken files through the command users run: a build with counted rejections, or an error that says what to do."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.python.acceptance.bench import BUILD_COMMAND, NO_COLUMN_TESTS, Bench, Run, check_accounting, check_people

CONTACTS = {"id": [1, 2], "property_email": ["ann@example.org", "bob@example.org"]}


def write(raw: Path, table: str, content: bytes | dict[str, list[object]] | pa.Table) -> Path:
    """Write `<source>/<table>` as CSV bytes or as Parquet."""
    source, name = table.split(".")
    (raw / source).mkdir(parents=True, exist_ok=True)
    path = raw / source / f"{name}.{'csv' if isinstance(content, bytes) else 'parquet'}"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        pq.write_table(content if isinstance(content, pa.Table) else pa.table(content), path)
    return path


@pytest.fixture(scope="module")
def repaired(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A build of what is wrong but can be used."""
    folder = tmp_path_factory.mktemp("repaired")
    raw = folder / "raw"
    # Wrong types: a key and a time that cannot be read. The table lacks most columns, its source most tables.
    write(
        raw,
        "hubspot.contact",
        {
            "id": ["1", "x7", "3"],
            "property_email": ["ann@example.org", "lost@example.org", "cleo@example.org"],
            "property_createdate": ["31.12.2023 08:00", "2024-01-01", "next week"],
        },
    )
    # A byte-order mark, two kinds of line ends, a line with too few fields, one with too many, one without a key.
    write(
        raw,
        "shopify.customer",
        b"\xef\xbb\xbfid,first_name,last_name,email\r\n"
        b'10,Ann,"Quoted, with\nline break",Ann@Example.org\n'
        b"11,Bob\r\n"
        b"12,Cleo,Doe,cleo@example.org,surplus\n"
        b"13,Dora,Doe,dora@example.org\r\n"
        b",No,Key,nokey@example.org\n",
    )
    write(raw, "klaviyo.person", pa.schema([("id", pa.string()), ("email", pa.string())]).empty_table())
    write(raw, "shopify.refund", b"")
    write(raw, "hubspt.contact", b"id\n1\n")
    return bench.run(BUILD_COMMAND, raw, folder / "kindred.duckdb", *NO_COLUMN_TESTS)


def test_imperfect_files_build(repaired: Run) -> None:
    assert repaired.returncode == 0, repaired.output
    assert "Traceback" not in repaired.output
    check_accounting(repaired)
    check_people(repaired)


def test_unusable_rows_are_counted_with_their_reason(repaired: Run) -> None:
    assert repaired.rows("select table_name, reason, row_count from governance.rejected_rows order by all") == [
        ("contact", "missing key", 1),
        ("customer", "malformed line", 2),
        ("customer", "missing key", 1),
    ]
    assert repaired.rows(
        "select table_name, column_name, reason, value_count from governance.rejected_values"
        " where reason like 'not a%' order by all"
    ) == [("contact", "id", "not an integer", 1), ("contact", "property_createdate", "not a timestamp", 1)]


def test_absent_and_empty_tables_are_named(repaired: Run) -> None:
    statuses = dict(
        repaired.rows("select source_name || '.' || table_name, status from governance.raw_tables order by all")
    )
    assert statuses["hubspot.company"] == "missing"
    assert statuses["klaviyo.person"] == statuses["shopify.refund"] == "empty"
    assert "notice: shopify/refund.csv is blank" in repaired.output
    told = "notice: hubspt/contact.csv is not read: there is no source hubspt. Did you mean hubspot/contact?"
    assert repaired.output.count(told) == 1
    assert statuses["zendesk.user"] == "source absent"
    missing = "select count(*) from governance.rejected_values where reason = 'column missing' and column_name = '{}'"
    assert repaired.value(missing.format("property_phone")) == 1


def test_usable_rows_become_customers(repaired: Run) -> None:
    # Cleo's line in one of the files could not be read; in the other it could.
    assert repaired.rows("select distinct email from marts.customers order by all") == [
        ("ann@example.org",),
        ("cleo@example.org",),
        ("dora@example.org",),
    ]


def check_error(run: Run, *told: str) -> None:
    """The command failed, told each thing once, and nothing that only a developer could read."""
    assert run.returncode == 1
    for text in told:
        assert run.output.count(text) == 1, run.output
    for noise in ("Traceback", "> in macro", 'File "'):
        assert noise not in run.output, run.output
    assert len(run.output.splitlines()) <= len(told) + 4, run.output


def test_all_unusable_files_are_told_at_once(bench: Bench, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    truncated = write(raw, "hubspot.contact", CONTACTS)
    truncated.write_bytes(truncated.read_bytes()[:-20])
    write(raw, "shopify.customer", {"email": ["ann@example.org"]})
    write(raw, "klaviyo.person", "id,email\n1,ann@example.org\n".encode("utf-16"))
    write(raw, "pos.member", b'member_id,email\n1,"ann@example.org\n2,bob@example.org\n')
    write(raw, "survey.response", {"response_id": ["1"]})
    write(raw, "survey.response", b"response_id\n1\n")
    run = bench.run(BUILD_COMMAND, raw, tmp_path / "kindred.duckdb")
    check_error(
        run,
        "hubspot/contact.parquet: not a readable Parquet file",
        "It is probably truncated: copy or export it again.",
        "shopify/customer.parquet: the required column 'id' is missing (the file has: email).",
        "klaviyo/person.csv: the file is not UTF-8 text (it looks like UTF-16). Save it as CSV UTF-8.",
        "pos/member.csv: cannot be read as CSV",
        "Check that every quote is closed",
        "survey: the table 'response' is there both as Parquet and as CSV (response.csv, response.parquet).",
    )


def test_failed_build_leaves_the_last_good_one(bench: Bench, tmp_path: Path, repaired: Run) -> None:
    before = repaired.snapshot("before_failure")
    raw = tmp_path / "raw"
    write(raw, "hubspot.contact", {"property_email": ["ann@example.org"]})
    run = bench.run(BUILD_COMMAND, raw, before.database)
    check_error(run, "hubspot/contact.parquet: the required column 'id' is missing (the file has: property_email).")
    customers = "select * from marts.customers order by all"
    assert run.rows(customers) == repaired.rows(customers)
