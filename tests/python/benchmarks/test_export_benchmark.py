"""The measuring of exports draws the same customers each time, those with most records and most events last, and says what is missing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.export import chosen, main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database of five customers, of whom c4 has most records and c2 most events."""
    with duckdb.connect(str(tmp_path / "kindred.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.customers as select 'c' || i as customer_id, case when i = 4 then 40 else i end as record_count"
            " from range(5) as r(i)"
        )
        connection.execute(
            "create table marts.events as select unnest(['c1', 'c2', 'c2', 'c4', null, null, null]) as customer_id"
        )
    return tmp_path


def test_draws_the_same_customers_and_those_with_most_to_find_last(folder: Path) -> None:
    drawn = chosen(folder / "kindred.duckdb", 3)
    assert drawn == chosen(folder / "kindred.duckdb", 3)
    assert len({customer for customer, _ in drawn[:3]}) == 3
    assert drawn[3:] == [("c4", 40), ("c2", 2)]


def test_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path)]) == 2
    assert "make benchmark-build" in capsys.readouterr().err
