"""Python models get aggregates, distinct values and pairs in question; never a table that grows with every event."""

from __future__ import annotations

import re
from pathlib import Path

MODELS = Path(__file__).resolve().parents[3] / "models"


def test_no_python_model_loads_a_fact_table() -> None:
    restated = {path.stem for path in MODELS.rglob("*.sql") if "strategy='restate'" in path.read_text(encoding="utf-8")}
    behavior = {path.stem for path in (MODELS / "marts" / "behavior").glob("*.sql")}
    staged = {path.stem for path in (MODELS / "staging").glob("*/stg_*__*.sql")}
    assert {"events", "orders", "stg_segment__tracks"} <= restated
    readers = {
        path.stem: set(re.findall(r"dbt\.ref\(\s*[\"'](\w+)[\"']", path.read_text(encoding="utf-8")))
        for path in MODELS.rglob("*.py")
    }
    assert readers["int_sales_forecasts"] == {"int_sales_periods"}
    loaded = {name: inputs & (restated | behavior | staged) for name, inputs in readers.items()}
    assert {name: inputs for name, inputs in loaded.items() if inputs} == {}
