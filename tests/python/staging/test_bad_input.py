"""What a user's broken files do: a report, or one clear message. Each test is a real dbt run on one source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt_workbench import Workbench

CONTACTS = {
    "id": [1, 2],
    "property_email": ["Ann@Example.org", "bob@example.org"],
    "property_firstname": ["ANN", "Bob"],
    "property_createdate": ["2024-01-01T10:00:00+02:00", "2024-01-02 00:00:00"],
}


@pytest.fixture
def hubspot(workbench_of: Callable[..., Workbench]) -> Workbench:
    """A workbench on which only HubSpot is switched on."""
    workbench = workbench_of("hubspot")
    (workbench.raw / "hubspot").mkdir()
    return workbench


def write_contacts(workbench: Workbench, columns: dict[str, list[object]]) -> Path:
    """Write a contact table as Parquet."""
    path = workbench.raw / "hubspot" / "contact.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_missing_raw_table_gives_no_rows_and_a_report(hubspot: Workbench) -> None:
    write_contacts(hubspot, CONTACTS)
    run = hubspot.build()
    assert run.returncode == 0, run.output
    assert run.rows("select count(*) from staging.stg_hubspot__companies") == [(0,)]
    statuses = dict(run.rows("select table_name, status from governance.raw_tables where source_name = 'hubspot'"))
    assert statuses == {"contact": "ok", "company": "missing", "contact_merge_audit": "missing"}
    assert run.rows("select distinct status from governance.raw_tables where source_name <> 'hubspot'") == [
        ("disabled",)
    ]


def test_missing_optional_column_gives_nulls_and_a_report(hubspot: Workbench) -> None:
    write_contacts(hubspot, CONTACTS)
    run = hubspot.build()
    assert run.returncode == 0, run.output
    staged = run.rows("select email, phone, created_at::varchar from staging.stg_hubspot__contacts order by 1")
    assert staged == [
        ("ann@example.org", None, "2024-01-01 08:00:00"),
        ("bob@example.org", None, "2024-01-02 00:00:00"),
    ]
    reported = run.rows(
        "select value_count from governance.rejected_values"
        " where column_name = 'property_phone' and reason = 'column missing'"
    )
    assert reported == [(2,)]


def test_missing_required_column_stops_with_file_and_column(hubspot: Workbench) -> None:
    path = write_contacts(hubspot, {name: values for name, values in CONTACTS.items() if name != "id"})
    run = hubspot.build()
    assert run.returncode != 0
    assert f"{path}: the required column 'id' is missing" in run.output
    assert "Traceback" not in run.output


def test_wrong_type_becomes_null_and_is_counted_with_a_masked_sample(hubspot: Workbench) -> None:
    write_contacts(hubspot, {**CONTACTS, "id": ["1", "x7"], "property_createdate": ["31.12.2023 08:00", "next week 5"]})
    run = hubspot.build()
    assert run.returncode == 0, run.output
    assert run.rows("select source_record_id, created_at::varchar from staging.stg_hubspot__contacts") == [
        ("1", "2023-12-31 08:00:00")
    ]
    rejected = run.rows(
        "select column_name, reason, value_count, sample_masked from governance.rejected_values"
        " where reason like 'not a%' order by 1"
    )
    assert rejected == [
        ("id", "not an integer", 1, "x9"),
        ("property_createdate", "not a timestamp", 1, "xxxx xxxx 9"),
    ]
    assert run.rows("select reason, row_count from governance.rejected_rows") == [("missing key", 1)]


def test_empty_table_builds(hubspot: Workbench) -> None:
    schema = pa.schema([("id", pa.int64()), ("property_email", pa.string())])
    pq.write_table(schema.empty_table(), hubspot.raw / "hubspot" / "contact.parquet")
    run = hubspot.build()
    assert run.returncode == 0, run.output
    assert run.rows(
        "select status, row_count from governance.raw_tables where table_name = 'contact' and source_name = 'hubspot'"
    ) == [("empty", 0)]


def test_truncated_parquet_stops_with_the_file(hubspot: Workbench) -> None:
    path = write_contacts(hubspot, CONTACTS)
    path.write_bytes(path.read_bytes()[:-20])
    run = hubspot.build()
    assert run.returncode != 0
    assert f"{path}: not a readable Parquet file" in run.output
    assert "truncated" in run.output
    assert "Traceback" not in run.output


def test_questions_do_not_need_the_raw_files(hubspot: Workbench) -> None:
    path = write_contacts(hubspot, CONTACTS)
    assert hubspot.build().returncode == 0
    path.write_bytes(path.read_bytes()[:-20])
    asked = hubspot.ask("select count(*) as company_count from {{ ref('stg_hubspot__companies') }}")
    assert asked.returncode == 0, asked.output
    assert "company_count" in asked.output


def test_csv_with_byte_order_mark_mixed_line_ends_and_ragged_rows(hubspot: Workbench) -> None:
    (hubspot.raw / "hubspot" / "contact.csv").write_bytes(
        b"\xef\xbb\xbfid,property_email,property_firstname,property_createdate\r\n"
        b'1,Ann@Example.org,"AN\nN",2024-01-01 00:00:00 UTC \n'
        b"2,bob@example.org,Bob,1704067200\r\n"
        b"3,too,few\n"
        b",no-key@example.org,x,\n"
    )
    run = hubspot.build()
    assert run.returncode == 0, run.output
    staged = run.rows(
        "select source_record_id, email, given_name, created_at::varchar from staging.stg_hubspot__contacts order by 1"
    )
    assert staged == [
        ("1", "ann@example.org", "An N", "2024-01-01 00:00:00"),
        ("2", "bob@example.org", "Bob", "2024-01-01 00:00:00"),
    ]
    assert sorted(run.rows("select reason, row_count from governance.rejected_rows")) == [
        ("malformed line", 1),
        ("missing key", 1),
    ]
    assert run.rows(
        "select rows_in, rows_used, rows_rejected from governance.row_accounting where table_name = 'contact' and source_name = 'hubspot'"
    ) == [(4, 2, 2)]


def test_written_times_numbers_codes_and_scores(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("pos", "survey")
    times = {
        "2024-12-24 20:03:00 -0500": "2024-12-25 01:03:00",
        "2024-12-24 20:03:00 +01:00": "2024-12-24 19:03:00",
        "2024-12-24T20:03:00Z": "2024-12-24 20:03:00",
        "24.12.24 20:03": "2024-12-24 20:03:00",
        "12/24/24": "2024-12-24 00:00:00",
        "24.12.2024 20:03:10": "2024-12-24 20:03:10",
        "infinity": None,
        "0024-12-24": None,
    }
    amounts = {
        "0,250": "0.25",
        "-0,125": "-0.13",
        "1,250": "1250.00",
        "1.250,5": "1250.50",
        "12,5": "12.50",
        "1,234.50": "1234.50",
        "7": "7.00",
        "x": None,
    }
    currencies = ["eur", " EUR ", "", "Usd", "EUR", "EUR", "EUR", "EUR"]
    rows = zip(times, amounts, currencies, strict=True)
    (workbench.raw / "pos").mkdir()
    lines = [f'r{number};"{time}";"{amount}";"{code}"' for number, (time, amount, code) in enumerate(rows)]
    (workbench.raw / "pos" / "receipt.csv").write_text(
        "\n".join(["receipt_id;sold_at;total_amount;currency", *lines]) + "\n", encoding="utf-8"
    )
    (workbench.raw / "survey").mkdir()
    scores = [("nps", "0"), ("NPS", "11"), ("nps", "-1"), ("csat", "80"), ("csat", "5"), ("quiz", "80"), (None, "80")]
    answers = pa.table(
        {
            "response_id": [str(number) for number in range(len(scores))],
            "survey_type": pa.array([kind for kind, _ in scores], pa.string()),
            "score": [score for _, score in scores],
            "submitted_at": ["2024-01-01"] * len(scores),
        }
    )
    pq.write_table(answers, workbench.raw / "survey" / "response.parquet")
    run = workbench.build()
    assert run.returncode == 0, run.output
    staged = run.rows(
        "select sold_at::varchar, total_amount::varchar, currency from staging.stg_pos__receipts order by receipt_id"
    )
    assert [time for time, _, _ in staged] == list(times.values())
    assert [amount for _, amount, _ in staged] == list(amounts.values())
    assert [code for _, _, code in staged] == ["EUR", "EUR", None, "USD", "EUR", "EUR", "EUR", "EUR"]
    kept = run.rows("select score::int from staging.stg_survey__responses order by response_id")
    assert [score for (score,) in kept] == [0, None, None, None, 5, 80, 80]
    rejected = run.rows(
        "select column_name, reason, value_count from governance.rejected_values"
        " where reason like 'not %' or reason like 'score%' order by all"
    )
    assert rejected == [
        ("score", "score not on its scale", 3),
        ("sold_at", "not a timestamp", 2),
        ("total_amount", "not a decimal", 1),
    ]
