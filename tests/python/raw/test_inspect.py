"""Inspection of raw files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_udfs.privacy.raw_files import files_of
from python_udfs.raw.csv_files import CsvError, find_delimiter, land_csv
from python_udfs.raw.inspect import inspect_tables

DECLARED = [
    {
        "source": "shop",
        "table": "customer",
        "schema": "shop",
        "identifier": "customer",
        "columns": [{"name": "id", "required": True}, {"name": "email", "required": False}],
    }
]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "raw" / "shop").mkdir(parents=True)
    return tmp_path / "raw"


def inspect(raw: Path) -> dict[str, Any]:
    return inspect_tables(raw, raw.parent / "landed", DECLARED)


def write(path: Path, **columns: list[object]) -> None:
    pq.write_table(pa.table(columns), path)


def test_source_absent_and_table_missing(raw: Path) -> None:
    assert inspect(raw)["tables"][0]["status"] == "missing"
    assert inspect(raw / "nowhere")["tables"][0]["status"] == "source absent"


def test_increments_belong_to_the_table_and_longer_names_do_not(raw: Path) -> None:
    write(raw / "shop" / "customer.parquet", id=[1])
    write(raw / "shop" / "customer.day0001.parquet", id=[2, 3], email=["a", "b"])
    write(raw / "shop" / "customer_address.parquet", id=[9])
    table = inspect(raw)["tables"][0]
    assert (table["status"], table["rows"], len(table["files"])) == ("ok", 3, 2)


def test_table_in_two_formats_is_refused(raw: Path) -> None:
    write(raw / "shop" / "customer.parquet", id=[1])
    (raw / "shop" / "customer.csv").write_text("id\n1\n")
    assert "both as Parquet and as CSV" in inspect(raw)["errors"][0]


def test_text_that_is_not_utf8_is_refused(raw: Path) -> None:
    (raw / "shop" / "customer.csv").write_bytes("id,email\n1,Jörg\n".encode("latin-1"))
    (error,) = inspect(raw)["errors"]
    assert "Windows-1252" in error
    assert "Save it as CSV UTF-8" in error
    assert "quote" not in error
    (raw / "shop" / "customer.csv").write_bytes("id,email\n1,x\n".encode("utf-16"))
    assert "UTF-16" in inspect(raw)["errors"][0]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\r\n", b" \n\n"])
def test_blank_file_is_an_empty_table_and_is_told(raw: Path, content: bytes) -> None:
    (raw / "shop" / "customer.csv").write_bytes(content)
    found = inspect(raw)
    assert (found["errors"], found["tables"][0]["status"], found["tables"][0]["files"]) == ([], "empty", [])
    assert found["notices"] == ["shop/customer.csv is blank: the table has no rows from it."]


def test_blank_increment_leaves_the_other_files(raw: Path) -> None:
    (raw / "shop" / "customer.csv").write_text("id\n1\n")
    (raw / "shop" / "customer.day2.csv").write_bytes(b"")
    table = inspect(raw)["tables"][0]
    assert (table["status"], table["rows"], len(table["files"])) == ("ok", 1, 1)
    # Nor does what rewrites raw files stumble over it.
    assert files_of(raw, "shop", "customer") == [raw / "shop" / "customer.csv"]


def test_file_without_header_is_refused(raw: Path) -> None:
    (raw / "shop" / "customer.csv").write_bytes(b",,\n1,2,3\n")
    assert "no header line" in inspect(raw)["errors"][0]


def test_required_column_compares_without_case(raw: Path) -> None:
    write(raw / "shop" / "customer.parquet", ID=[1])
    assert inspect(raw)["errors"] == []


def test_csv_is_converted_once_and_again_when_it_changes(tmp_path: Path) -> None:
    path, folder = tmp_path / "t.csv", tmp_path / "landed"
    path.write_bytes(b'\xef\xbb\xbfid;name\r\n1;"a;b"\n2;"line\nbreak"\r\n3\n4;x;y\n')
    first = land_csv(path, folder)
    assert pq.read_table(first.parquet).to_pydict() == {"id": ["1", "2"], "name": ["a;b", "line\nbreak"]}
    assert first.malformed_rows == 2
    kept = next(folder.glob("*.malformed.csv")).read_text()
    assert "4;x;y" in kept
    written = first.parquet.stat().st_mtime_ns
    assert land_csv(path, folder) == first
    assert first.parquet.stat().st_mtime_ns == written
    path.write_text("id;name\n7;z\n")
    second = land_csv(path, folder)
    assert second.parquet != first.parquet
    assert not first.parquet.exists()
    assert second.malformed_rows == 0


def test_header_only_is_an_empty_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,name\n")
    assert pq.read_table(land_csv(path, tmp_path / "landed").parquet).num_rows == 0


def test_unclosed_quote_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('id,name\n1,"open\n2,b\n')
    with pytest.raises(CsvError, match="Check that every quote is closed"):
        land_csv(path, tmp_path / "landed")


def test_delimiter_is_the_commonest_outside_quotes() -> None:
    assert find_delimiter('"a,b,c";d;e\n1,2,3') == ";"
    assert find_delimiter("single") == ","
