"""Mistakes are told with the line they stand in and with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_udfs.segments.declarations import closest, declared_at, unknown_model

PROJECT = """name: kindred
vars:
  vip_top_share: 0.05
  segments:
    - name: vip
      label: VIP
      predicate: >-
        value_percent_rank >= 1 - {vip_top_share}
    - label: Nameless
      channels: [email]
    - {name: short, label: Short}
    - just words
"""


@pytest.mark.parametrize(
    ("segment", "key", "place"),
    [
        ("vip", "name", "dbt_project.yml:5"),
        ("vip", "predicate", "dbt_project.yml:7"),
        ("vip", "purpose", "dbt_project.yml:5"),  # What is missing is missing in the segment.
        ("number 2", "channels", "dbt_project.yml:10"),
        ("short", "label", "dbt_project.yml:11"),
        ("number 4", "name", "dbt_project.yml:12"),
        ("from_the_command_line", "name", ""),
    ],
)
def test_a_key_is_found_by_its_line(tmp_path: Path, segment: str, key: str, place: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    assert declared_at(segment, key, str(tmp_path)) == place


@pytest.mark.parametrize("content", [None, "", "vars: 3", "vars:\n  segments: none", "vars: [", "- a"])
def test_without_declarations_there_is_no_place(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "dbt_project.yml").write_text(content, encoding="utf-8")
    assert declared_at("vip", "name", str(tmp_path)) == ""


def test_the_likeliest_name_is_suggested() -> None:
    assert closest("order_cuont", "country, order_count, orders_last_365_days") == "order_count"
    assert closest("zodiac", "country, order_count") == ""
    assert closest("a", "") == ""


def test_an_unknown_model_is_told_with_the_segment_that_reads_it(tmp_path: Path) -> None:
    failure = "Model 'model.kindred.int_segment_sets' (models/int_segment_sets.sql) depends on a node named 'ordrs' which was not found"
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "orders.sql").touch()
    query = "\n    - name: buyers\n      sql: select customer_id from {ref:ordrs}\n"
    (tmp_path / "dbt_project.yml").write_text(PROJECT.rstrip() + query, encoding="utf-8")
    assert unknown_model(failure, str(tmp_path)) == (
        "Segment 'buyers' (dbt_project.yml:14): 'sql' reads {ref:ordrs}, and there is no such model. Did you mean 'orders'?"
    )
    assert unknown_model(failure.replace("ordrs", "visits"), str(tmp_path)).startswith("Model 'model.kindred")
    assert unknown_model("Something else", str(tmp_path)) == "Something else"
