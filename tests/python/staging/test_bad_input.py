"""What a user's broken files do: a report, or one clear message. Each test is a real dbt run on one source."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt_workbench import PROJECT, Workbench

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


def many_contacts(count: int) -> dict[str, list[object]]:
    return {"id": list(range(count)), "property_email": [f"c{number}@example.org" for number in range(count)]}


def test_delivery_that_broke_off_stops_before_anything_is_built(hubspot: Workbench) -> None:
    path = write_contacts(hubspot, many_contacts(200))
    staged = "select count(*) from staging.stg_hubspot__contacts"
    assert hubspot.build().returncode == 0

    # As many as the limit leaves, and one more: some losses are everyday.
    write_contacts(hubspot, many_contacts(101))
    run = hubspot.build()
    assert run.returncode == 0, run.output
    assert run.rows(staged) == [(101,)]

    write_contacts(hubspot, many_contacts(50))
    run = hubspot.build()
    assert run.returncode != 0
    assert "hubspot.contact: 50 rows; the last build read 101." in run.output
    assert run.rows(staged) == [(101,)]
    # What was refused is not what the next run compares with, nor does a file help that is not there at all.
    path.unlink()
    run = hubspot.build()
    assert "hubspot.contact: 0 rows; the last build read 101." in run.output
    assert run.rows(staged) == [(101,)]

    write_contacts(hubspot, many_contacts(50))
    run = hubspot.build(raw_loss_accepted="[hubspot.contact]")
    assert run.returncode == 0, run.output
    assert run.rows(staged) == [(50,)]


def test_columns_are_read_anew_in_each_build(hubspot: Workbench) -> None:
    """Also where an earlier build has left counts of rows to compare with."""
    days = "select created_at::date::varchar from staging.stg_hubspot__contacts where email = 'c0@example.org'"
    for written, read in (("03/25/2024", "2024-03-04"), ("25/03/2024", "2024-04-03")):
        columns = many_contacts(200)
        columns["property_createdate"] = ["03/04/2024", *[written] * 199]
        write_contacts(hubspot, columns)
        run = hubspot.build()
        assert run.returncode == 0, run.output
        assert run.rows(days) == [(read,)]


def test_loss_of_an_unknown_table_cannot_be_accepted(hubspot: Workbench) -> None:
    write_contacts(hubspot, CONTACTS)
    run = hubspot.build(raw_loss_accepted="[hubspot.contacts]")
    assert run.returncode != 0
    assert "there is no raw table 'hubspot.contacts'" in run.output


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


def test_thousands_are_told_from_decimals_by_the_rest_of_the_column(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("pos")
    columns = {
        # What shows the mark, the values that do not, and what they are beside it.
        "quantity": (["12,50", "0,250", "12.50"], {"1,250": "1.2500", "1.250": "1250.0000", "-12,500": "-12.5000"}),
        "unit_price": (
            ["12.50", "1,250.00", "2,5"],
            {"1,250": "1250.0000", "1.250": "1.2500", "-12,500": "-12500.0000"},
        ),
        "discount_amount": (["7", "", "x"], {"1,250": "1250.0000", "1.250": "1.2500", "-12,500": "-12500.0000"}),
        "line_amount": (
            ["1.250.000", "1 250,5", "1’250,5"],
            {"1,250": "1.2500", "1.250": "1250.0000", "9,876,543": "9876543.0000"},
        ),
    }
    rows = zip(*([*shown, *values] for shown, values in columns.values()), strict=True)
    (workbench.raw / "pos").mkdir()
    (workbench.raw / "pos" / "receipt_line.csv").write_text(
        "\n".join(
            [
                ";".join(["receipt_id", "line_number", *columns]),
                *(";".join([f"r{number}", "1", *row]) for number, row in enumerate(rows)),
            ]
        )
        + "\n",
        encoding="utf-8",
    )
    run = workbench.build()
    assert run.returncode == 0, run.output
    for name, (shown, values) in columns.items():
        read = run.rows(f"select {name}::varchar from staging.stg_pos__receipt_lines order by receipt_id")
        assert [value for (value,) in read][len(shown) :] == list(values.values()), name
    ((grouped, swiss),) = run.rows(
        "select max(line_amount) filter (where receipt_id = 'r1'), max(line_amount) filter (where receipt_id = 'r2')"
        " from staging.stg_pos__receipt_lines"
    )
    assert (grouped, swiss) == (Decimal("1250.5"), Decimal("1250.5"))


def test_amounts_with_marks_are_read_where_their_column_has_one_mark(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("pos")
    read: dict[str, dict[str, str | None]] = {
        # One mark throughout, which is that of the rows' currency; what it stands beside shows the decimal mark.
        "total_amount": {
            "€ 12,50": "12.5000",
            "(1.250,00 €)": "-1250.0000",
            "-3,10\u00a0€": "-3.1000",
            "1.250": "1250.0000",
        },
        # The rows state another currency.
        "discount_amount": {"USD 1.50": None, "2.50": "2.5000", "USD 3": None, "(4.00)": "-4.0000"},
        # Two marks.
        "tax_amount": {"EUR 1.50": None, "CHF 2.50": None, "3.5 MIO": None, "4.00": "4.0000"},
    }
    (workbench.raw / "pos").mkdir()
    rows = zip(*read.values(), strict=True)
    (workbench.raw / "pos" / "receipt.csv").write_text(
        "\n".join(
            [
                ";".join(["receipt_id", "currency", *read]),
                *(";".join([f"r{number}", "eur", *row]) for number, row in enumerate(rows)),
            ]
        )
        + "\n",
        "utf-8",
    )
    # A table without currencies: the mark of the column is all there is, and none of three capitals that may be a unit.
    (workbench.raw / "pos" / "receipt_line.csv").write_text(
        "receipt_id,line_number,quantity,unit_price,line_amount\n"
        "r0,1,2 PCS,US$1.250,(US$ 1.00)\nr1,1,2,US$1.25,(2.00)\nr2,1,(1),,(-3)\n",
        "utf-8",
    )
    run = workbench.build()
    assert run.returncode == 0, run.output
    for name, values in read.items():
        staged = run.rows(f"select {name}::varchar from staging.stg_pos__receipts order by receipt_id")
        assert [value for (value,) in staged] == list(values.values()), name
    assert run.rows(
        "select quantity::double, unit_price::double, line_amount::double from staging.stg_pos__receipt_lines order by receipt_id"
    ) == [(None, 1.25, -1), (2, 1.25, -2), (-1, None, None)]
    assert run.rows(
        "select column_name, value_count from governance.rejected_values where reason = 'not a decimal' order by all"
    ) == [("discount_amount", 2), ("line_amount", 1), ("quantity", 1), ("tax_amount", 3)]


def amounts_with_three_decimals() -> list[pa.Array]:
    """Text, where 1,250 parts thousands; what arithmetic leaves behind the fourth decimal; exact decimals."""
    return [
        pa.array(["1.125", "12.500", "1,250", "1,250.505", "x"]),
        pa.array([0.1 + 0.2, 1.125, 1e-7, 2.0, None], pa.float64()),
        pa.array([Decimal(number) for number in ("0.001", "0.010", "0.100", "1.000", "2.345")], pa.decimal128(18, 3)),
    ]


def test_amounts_that_lose_decimals_are_told_and_used(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("salesforce")
    (workbench.raw / "salesforce").mkdir()
    for table, amounts in zip(("opportunity", "account"), amounts_with_three_decimals()[:2], strict=True):
        ids = [f"00{number}000000000000AAA" for number in range(len(amounts))]
        name = {"opportunity": "amount", "account": "annual_revenue"}[table]
        pq.write_table(pa.table({"id": ids, name: amounts}), workbench.raw / "salesforce" / f"{table}.parquet")
    history = {"id": ids, "_fivetran_start": ["2025-01-01"] * 5, "amount": amounts_with_three_decimals()[2]}
    pq.write_table(pa.table(history), workbench.raw / "salesforce" / "opportunity_history.parquet")
    run = workbench.build()
    assert run.returncode == 0, run.output
    assert run.rows(
        "select table_name, column_name, reason, value_count from governance.rejected_values"
        " where column_name in ('amount', 'annual_revenue') and reason <> 'column missing' order by all"
    ) == [
        ("account", "annual_revenue", "rounded to hundredths", 1),
        ("opportunity", "amount", "not a decimal", 1),
        ("opportunity", "amount", "rounded to hundredths", 2),
        ("opportunity_history", "amount", "rounded to hundredths", 2),
    ]
    assert run.rows("select amount::varchar from staging.stg_salesforce__opportunities order by 1") == [
        ("1.13",),
        ("12.50",),
        ("1250.00",),
        ("1250.51",),
        (None,),
    ]


def test_receipts_keep_the_thousandths_of_dinars(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("pos")
    (workbench.raw / "pos").mkdir()
    total, discount, tax = amounts_with_three_decimals()
    table = pa.table(
        {
            "receipt_id": ["1", "2", "3", "4", "5"],
            "currency": ["KWD"] * 5,
            "total_amount": total,
            "discount_amount": discount,
            "tax_amount": tax,
        }
    )
    pq.write_table(table, workbench.raw / "pos" / "receipt.parquet")
    run = workbench.build()
    assert run.returncode == 0, run.output
    assert run.rows(
        "select column_name, reason, value_count from governance.rejected_values"
        " where column_name like '%amount' and reason <> 'column missing' order by all"
    ) == [("total_amount", "not a decimal", 1)]
    assert run.rows(
        "select total_amount::double, discount_amount::double, tax_amount::double from staging.stg_pos__receipts order by receipt_id"
    ) == [
        (1.125, 0.3, 0.001),
        (12.5, 1.125, 0.01),
        (1250, 0, 0.1),
        (1250.505, 2, 1),
        (None, None, 2.345),
    ]


def test_a_column_declared_otherwise_is_built_anew(tmp_path: Path) -> None:
    """Receipts are kept from build to build, but not in a type that their source is no longer declared with."""
    project = tmp_path / "project"
    for part in ("models", "macros", "seeds", "tests", "python_udfs"):
        shutil.copytree(PROJECT / part, project / part, ignore=shutil.ignore_patterns("python", "__pycache__"))
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / file, project / file)
    workbench = Workbench(tmp_path, ["pos"], project)
    (workbench.raw / "pos").mkdir(parents=True)
    table = pa.table({"receipt_id": ["1"], "total_amount": ["1.2345"]})
    pq.write_table(table, workbench.raw / "pos" / "receipt.parquet")
    declared = project / "models" / "staging" / "pos" / "_pos__sources.yml"
    before = declared.read_text("utf-8")
    declared.write_text(before.replace("decimal(18, 4)", "decimal(18, 3)"), "utf-8")
    for kept in ("1.235", "1.2345"):
        run = workbench.build()
        assert run.returncode == 0, run.output
        assert run.rows("select total_amount::varchar from staging.stg_pos__receipts") == [(kept,)]
        declared.write_text(before, "utf-8")


def test_numbers_are_days_only_where_the_whole_column_says_so(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("pos")
    (workbench.raw / "pos").mkdir()
    receipts = [
        ("r0", "45383", "45383"),
        ("r1", "45383.5208333333", "45384"),
        ("r2", "29221", "2024-04-03"),
        ("r3", "", ""),
    ]
    (workbench.raw / "pos" / "receipt.csv").write_text(
        "\n".join(["receipt_id,sold_at,loaded_at", *(",".join(row) for row in receipts)]) + "\n", "utf-8"
    )
    # Years; and days since 1970, which as days of spreadsheets were of the years until 1956.
    (workbench.raw / "pos" / "member.csv").write_text(
        "member_id,birth_date,updated_at\n1,1985,19723\n2,1990,19724\n", "utf-8"
    )
    stores = pa.table({"store_id": ["1", "2", "3"], "opened_on": pa.array([45383.0, 33000.0, None], pa.float64())})
    pq.write_table(stores, workbench.raw / "pos" / "store.parquet")
    run = workbench.build()
    assert run.returncode == 0, run.output
    assert run.rows("select sold_at::varchar from staging.stg_pos__receipts order by receipt_id") == [
        ("2024-04-01 00:00:00",),
        ("2024-04-01 12:30:00",),
        ("1980-01-01 00:00:00",),
        (None,),
    ]
    assert run.rows("select opened_date::varchar from staging.stg_pos__stores order by store_id") == [
        ("2024-04-01",),
        ("1990-05-07",),
        (None,),
    ]
    assert run.rows(
        "select table_name, column_name, value_count from governance.rejected_values where reason like 'not a %' order by all"
    ) == [("member", "birth_date", 2), ("member", "updated_at", 2), ("receipt", "loaded_at", 2)]


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
        "0,250": "0.2500",
        "-0,125": "-0.1250",
        "1,250": "1.2500",
        "1.250,5": "1250.5000",
        "12,5": "12.5000",
        "1,234.50": "1234.5000",
        "7": "7.0000",
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
    # NPS asks for one of eleven numbers, satisfaction may have halves.
    scores += [("nps", "8.5"), ("csat", "4,5")]
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
    kept = run.rows("select score::double from staging.stg_survey__responses order by response_id")
    assert [score for (score,) in kept] == [0, None, None, None, 5, 80, 80, None, 4.5]
    rejected = run.rows(
        "select column_name, reason, value_count from governance.rejected_values"
        " where reason like 'not %' or reason like 'score%' order by all"
    )
    assert rejected == [
        ("score", "score not on its scale", 4),
        ("sold_at", "not a timestamp", 2),
        ("total_amount", "not a decimal", 1),
    ]


def test_records_of_two_sources_with_one_number_are_two_records(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("people")
    (workbench.raw / "people").mkdir()
    rows = [
        ("17", "crm", "Zoe", "2024-01-01"),
        ("17", "shop", "Bob", "2024-01-01"),
        ("17", "crm", "Anne", "2024-02-01"),
        ("17", " ", "Cleopatra", "2024-01-01"),
        ("17", "people", "Cleo", "2024-02-01"),
        ("", "crm", "Dan", "2024-01-01"),
    ]
    lines = ["record_id,source,given_name,updated_at", *map(",".join, rows)]
    (workbench.raw / "people" / "person.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = workbench.build()
    assert run.returncode == 0, run.output
    staged = run.rows(
        "select record_id, source_record_id, source_name, given_name from staging.stg_people__records order by all"
    )
    assert staged == [
        ("people:person:17", "17", "people", "Cleo"),
        ("people:person:crm:17", "17", "crm", "Anne"),
        ("people:person:shop:17", "17", "shop", "Bob"),
    ]
    rejected = run.rows("select reason, row_count from governance.rejected_rows order by all")
    assert rejected == [("missing key", 1), ("older version", 2)]


def test_of_versions_without_a_time_the_one_of_the_later_file_counts(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("pos")
    (workbench.raw / "pos").mkdir()
    files = {
        "store.csv": {"1": "Zoo", "2": "Market", "3": "Quay"},
        "store.2024-02.csv": {"1": "Bridge"},
        "store.2024-03.csv": {"1": "Harbour", "2": "Arcade"},
    }
    for name, stores in files.items():
        lines = ["store_id,name,loaded_at", *(f"{store},{called}," for store, called in stores.items())]
        (workbench.raw / "pos" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = workbench.build()
    assert run.returncode == 0, run.output
    staged = run.rows("select store_id, store_name from staging.stg_pos__stores order by all")
    assert staged == [("1", "Harbour"), ("2", "Arcade"), ("3", "Quay")]
    assert run.rows("select reason, row_count from governance.rejected_rows") == [("older version", 3)]


def test_receipt_numbers_that_begin_anew_stop_the_build(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("pos")
    (workbench.raw / "pos").mkdir()
    header = "receipt_id,store_id,sold_at,total_amount,loaded_at"
    # Of one sale the store was put right, of another the time; a third was sent again with less.
    corrected = [
        "6,S1,2025-01-02 10:00:00,10.00,2025-01-03",
        "6,S2,2025-01-02 10:00:00,10.00,2025-01-04",
        "7,S1,2025-01-02 10:00:00,10.00,2025-01-03",
        "7,S1,2025-01-02 12:00:00,12.00,2025-01-04",
        "8,S1,2025-01-02 10:00:00,10.00,2025-01-03",
        "8,,,10.00,2025-01-04",
    ]
    path = workbench.raw / "pos" / "receipt.csv"
    path.write_text("\n".join([header, *corrected]) + "\n", encoding="utf-8")
    assert workbench.build().returncode == 0
    for other in ("8,S2,2025-01-02 16:30:00,99.00,2025-01-03", "8,S1,2025-01-04 10:05:00,99.00,2025-01-05"):
        path.write_text("\n".join([header, *corrected, other]) + "\n", encoding="utf-8")
        run = workbench.build()
        assert run.returncode != 0
        assert "Failure in test receipt_ids_stand_for_one_sale (tests/receipt_ids_stand_for_one_sale.sql)" in run.output


def test_days_are_told_from_months_by_the_rest_of_the_column(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("pos")
    (workbench.raw / "pos").mkdir()
    sold = {
        # Everything else in this column writes the day first.
        "03/04/2024": "2024-04-03 00:00:00",
        "24/12/2024 20:03": "2024-12-24 20:03:00",
        "05-06-24 10:15": "2024-06-05 10:15:00",
        "24.12.2024, 20:03": "2024-12-24 20:03:00",
        "20241224200300": "2024-12-24 20:03:00",
        "20241224T200300Z": "2024-12-24 20:03:00",
        "Dec 24, 2024 8:03 PM": "2024-12-24 20:03:00",
        "24-Dec-2024": "2024-12-24 00:00:00",
        "2024-12-24 8:03 PM": "2024-12-24 20:03:00",
        "epoch": None,
        "Mayor": None,
    }
    lines = [f'r{number:02d};"{time}"' for number, time in enumerate(sold)]
    (workbench.raw / "pos" / "receipt.csv").write_text("\n".join(["receipt_id;sold_at", *lines]) + "\n", "utf-8")
    members = [
        # Nothing tells how updated_at is written; birth dates were written by people of two countries.
        ("1", "24/12/1980", "GB", "03/04/2024", "VERDADERO", "1980-12-24", "2024-03-04 00:00:00", True),
        ("2", "12/24/1980", "US", "", "não", "1980-12-24", None, False),
        ("3", "03/04/1980", "GB", "", "Waar", "1980-04-03", None, True),
        ("4", "03/04/1980", "US", "", "ONWAAR", "1980-03-04", None, False),
        ("5", "-157766400000", "US", "", "perhaps", "1965-01-01", None, None),
        ("6", "1/31/45", "US", "", "", "1945-01-31", None, None),
        ("7", "1/31/05", "US", "", "", "2005-01-31", None, None),
        ("8", "1/31/2145", "US", "", "", None, None, None),
    ]
    (workbench.raw / "pos" / "member.csv").write_text(
        "\n".join(["member_id,birth_date,country,updated_at,email_opt_in", *(",".join(row[:5]) for row in members)])
        + "\n",
        "utf-8",
    )
    run = workbench.build()
    assert run.returncode == 0, run.output
    read = run.rows("select sold_at::varchar from staging.stg_pos__receipts order by receipt_id")
    assert [time for (time,) in read] == list(sold.values())
    assert run.rows(
        "select source_record_id, birth_date::varchar, updated_at::varchar, email_opt_in from staging.stg_pos__members order by all"
    ) == [(row[0], *row[5:]) for row in members]


def test_postal_codes_of_one_place_are_written_alike(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("people")
    (workbench.raw / "people").mkdir()
    codes = [
        ("D-10115", "DE", "10115"),
        ("1067", "DE", "01067"),
        ("1067.0", "DE", "01067"),
        ("SE-114 55", "SE", "114 55"),
        ("11455", "SE", "114 55"),
        ("0155", "NO", "0155"),
        ("155", "NO", "0155"),
        ("NO-0155", "NO", "0155"),
        ("800", "AU", "0800"),
        ("901", "PR", "00901"),
        ("1001", "SK", "010 01"),
        ("950", "PL", "00-950"),
        ("00950", "PL", "00-950"),
        ("10011", "RO", "010011"),
        ("sw1a1aa", "GB", "SW1A 1AA"),
        ("b338th", "GB", "B33 8TH"),
        ("1012 ab", "NL", "1012 AB"),
        ("90210-1234", "US", "90210-1234"),
        ("A-1010", "AT", "1010"),
    ]
    lines = [f"{number:02d},{code},{country}" for number, (code, country, _) in enumerate(codes)]
    (workbench.raw / "people" / "person.csv").write_text("\n".join(["record_id,postal_code,country", *lines]), "utf-8")
    run = workbench.build()
    assert run.returncode == 0, run.output
    read = run.rows("select postal_code from staging.stg_people__records order by record_id")
    assert [code for (code,) in read] == [expected for _, _, expected in codes]


def test_both_forms_of_an_id_of_salesforce_are_one_object(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("salesforce")
    folder = workbench.raw / "salesforce"
    folder.mkdir()
    (folder / "account.csv").write_text(
        "id,name,parent_id\n001D000000IqhSL,Old,\n001000000000000AAA,Other,001D000000IqhSL\n"
    )
    (folder / "account.later.csv").write_text("id,name,parent_id\n001D000000IqhSLIAZ,New,\n")
    (folder / "contact.csv").write_text("id,account_id,name\n003aB00000zZZZZ,001D000000IqhSL,Ann Lee\n")
    (folder / "lead.csv").write_text("id,name,converted_contact_id\n00Q0Y00000abcdeUAA,Ann Lee,003aB00000zZZZZ\n")
    (folder / "task.csv").write_text("id,who_id\n00T000000000000,003aB00000zZZZZQA4\n00T1,00Q0Y00000abcde\n")
    run = workbench.build()
    assert run.returncode == 0, run.output
    assert run.rows(
        "select account_id, account_name, parent_account_id from staging.stg_salesforce__accounts order by all"
    ) == [("001000000000000AAA", "Other", "001D000000IqhSLIAZ"), ("001D000000IqhSLIAZ", "New", None)]
    assert run.rows("select record_id, account_id from staging.stg_salesforce__contacts") == [
        ("salesforce:contact:003aB00000zZZZZQA4", "001D000000IqhSLIAZ")
    ]
    assert run.rows("select record_id, converted_contact_id from staging.stg_salesforce__leads") == [
        ("salesforce:lead:00Q0Y00000abcdeUAA", "003aB00000zZZZZQA4")
    ]
    assert run.rows("select task_id, record_id from staging.stg_salesforce__tasks order by all") == [
        ("00T000000000000EAA", "salesforce:contact:003aB00000zZZZZQA4"),
        ("00T1", "salesforce:lead:00Q0Y00000abcdeUAA"),
    ]
