"""What the engine makes of the queries over raw tables: they have to stay cheap however many columns and rows there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from dbt_workbench import Run, Workbench


def plan_of(run: Run, model: str) -> str:
    """The plan of a model of the run, as the engine prints it."""
    (compiled,) = (run.database.parent / "target" / "compiled").rglob(f"{model}.sql")
    with duckdb.connect(str(run.database), read_only=True) as connection:
        return "\n".join(
            row[1] for row in connection.execute("explain " + compiled.read_text(encoding="utf-8")).fetchall()
        )


def write(workbench: Workbench, table: str, columns: dict[str, list[object]]) -> Path:
    """Write a raw table as Parquet."""
    path = workbench.raw / f"{table}.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def test_texts_are_trimmed_without_a_join_for_each_column(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("hubspot")
    ends = ["", " ", "\t", "\r\n", "\u00a0", "\u00a0 "]
    jobs = [before + middle + after for before in ends for middle in ("", "a b", "é", "é\u00a0中") for after in ends]
    write(workbench, "hubspot/contact", {"id": list(range(len(jobs))), "property_jobtitle": jobs})
    run = workbench.build()
    assert run.returncode == 0, run.output
    staged = run.rows("select job_title from staging.stg_hubspot__contacts order by cast(source_record_id as integer)")
    assert [row[0] for row in staged] == [job.strip(" \t\r\n\u00a0") or None for job in jobs]
    assert "Join Type: MARK" not in plan_of(run, "rejected_rows")


def test_of_versions_of_one_time_the_same_one_is_staged_and_counted(workbench_of: Callable[..., Workbench]) -> None:
    """Which version of a key is the current one may depend on columns that have nothing to do with its being rejected."""
    workbench = workbench_of("hubspot")
    rows = [
        # The latest is deleted; the latest is not; of one time, the larger name is deleted, or is not; once, deleted; no key.
        (1, "2024-01-01", "a", False),
        (1, "2024-01-02", "b", True),
        (2, "2024-01-01", "a", True),
        (2, "2024-01-02", "b", False),
        (3, "2024-01-01", "a", False),
        (3, "2024-01-01", "b", True),
        (4, "2024-01-01", "a", True),
        (4, "2024-01-01", "b", False),
        (5, "2024-01-01", "a", True),
        (6, "2024-01-01", "a", None),
        (None, "2024-01-01", "a", True),
    ]
    names = ("id", "property_lastmodifieddate", "property_jobtitle", "_fivetran_deleted")
    write(
        workbench,
        "hubspot/contact",
        {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)},
    )
    run = workbench.build()
    assert run.returncode == 0, run.output
    assert sorted(run.rows("select source_record_id from staging.stg_hubspot__contacts")) == [("2",), ("4",), ("6",)]
    counted = run.rows("select reason, row_count from governance.rejected_rows where table_name = 'contact'")
    assert dict(counted) == {"missing key": 1, "older version": 4, "deleted by source": 3}
