"""E-mail events that name their metric alone are understood, also where its name comes or changes later."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
from dbt_workbench import Workbench

TYPES = "select event_id, event_type from staging.stg_klaviyo__events order by event_id"
MODE = "select mode from intermediate.restated_runs where model_name = 'stg_klaviyo__events' order by recorded_at desc limit 1"


def write(workbench: Workbench, table: str, columns: str, *rows: str) -> None:
    """Write a table of Klaviyo."""
    (workbench.raw / "klaviyo").mkdir(exist_ok=True)
    file = workbench.raw / "klaviyo" / f"{table}.parquet"
    duckdb.sql(f"copy (select * from (values {', '.join(rows)}) as t({columns})) to '{file}' (format parquet)")


def test_events_have_the_names_that_their_metrics_have_now(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("klaviyo")
    events = [
        "('1', 'm1', 'Opened Email', '2026-01-01')",
        "('2', 'm1', null, '2026-01-02')",
        "('3', 'm2', 'm2', '2026-01-03')",
    ]
    columns = "id, metric_id, type, timestamp"
    write(workbench, "event", columns, *events)
    run = workbench.build()
    assert run.returncode == 0, run.output
    assert run.rows(TYPES) == [("1", "Opened Email"), ("2", None), ("3", "m2")]

    write(workbench, "metric", "id, name", "('m1', 'Opened Email')", "('m2', 'Unsubscribed')")
    run = workbench.build()
    assert run.returncode == 0, run.output
    assert run.rows(TYPES) == [("1", "Opened Email"), ("2", "Opened Email"), ("3", "Unsubscribed")]

    # Where names stay what they are, new events alone are staged.
    write(workbench, "event", columns, *events, "('4', 'm2', null, '2026-01-04')")
    run = workbench.build()
    assert run.rows(TYPES)[-1] == ("4", "Unsubscribed")
    assert run.rows(MODE) == [("increment",)]
