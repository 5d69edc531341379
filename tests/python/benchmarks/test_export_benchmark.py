"""The measuring of exports draws the same customers each time, the one with most records last, and says what is missing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.export import chosen, main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database of five customers, of whom c4 has most records."""
    with duckdb.connect(str(tmp_path / "kindred.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.customers as select 'c' || i as customer_id, case when i = 4 then 40 else i end as record_count"
            " from range(5) as r(i)"
        )
    return tmp_path


def test_draws_the_same_customers_and_the_one_with_most_records_last(folder: Path) -> None:
    drawn = chosen(folder / "kindred.duckdb", 3)
    assert drawn == chosen(folder / "kindred.duckdb", 3)
    assert len(drawn) == 4
    assert len({customer for customer, _ in drawn[:3]}) == 3
    assert drawn[-1] == ("c4", 40)


def test_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path)]) == 2
    assert "make benchmark-build" in capsys.readouterr().err
