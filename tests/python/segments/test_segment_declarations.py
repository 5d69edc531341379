"""A wrong segment declaration stops dbt with one error that names the segment and the mistake."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.cli.main import dbtRunner

ROOT = Path(__file__).parents[3]
GOOD: dict[str, Any] = {
    "name": "regulars",
    "label": "Regulars",
    "description": "Buy often.",
    "owner": "Marketing team",
    "purpose": "marketing",
    "channels": ["email"],
    "predicate": "order_count >= {vip_top_share} and country = 'order_total'",
}

Check = Callable[[list[Any]], tuple[bool, str]]


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Runs the check_segments operation in a project that holds only what the operation needs."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "macros" / "segments", folder / "macros" / "segments")
    (folder / "models").mkdir()
    (folder / "models" / "customer_features.sql").write_text(
        "select 1 as order_count, 'FR' as country, true as loves_blue"
    )
    columns = [
        {"name": "order_count"},
        {"name": "country"},
        {"name": "loves_blue", "config": {"meta": {"sensitive": True}}},
        {"name": "health_status"},
    ]
    model = {"version": 2, "models": [{"name": "customer_features", "columns": columns}]}
    (folder / "models" / "customer_features.yml").write_text(yaml.safe_dump(model))
    # The one-row model that as_of() reads; the operation itself never runs it.
    (folder / "models" / "as_of_time.sql").write_text("select 1 as as_of_at")
    declared = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    project = {
        "name": "kindred",
        "version": "1.0.0",
        "profile": "kindred",
        "flags": {"send_anonymous_usage_stats": False},
        "vars": {key: declared[key] for key in ("vip_top_share", "sensitive_attribute_patterns")},
    }
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project))
    profile = {"kindred": {"target": "t", "outputs": {"t": {"type": "duckdb", "path": ":memory:"}}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
    paths = ["--project-dir", str(folder), "--profiles-dir", str(folder), "--log-path", str(folder / "logs")]

    def run(segments: list[Any]) -> tuple[bool, str]:
        messages: list[str] = []

        def listen(event: Any) -> None:
            messages.append(event.info.msg)

        here = Path.cwd()
        try:
            result = dbtRunner(callbacks=[listen]).invoke(
                ["--quiet", "run-operation", "check_segments", "--args", yaml.safe_dump({"segments": segments}), *paths]
            )
        finally:
            os.chdir(here)
        return bool(result.success), "\n".join(messages)

    return run


def test_a_good_declaration_passes(check: Check) -> None:
    success, message = check([GOOD])
    assert success, message


def test_the_declared_segments_of_the_project_have_the_right_shape() -> None:
    declared = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]["segments"]
    assert len(declared) >= 8
    assert len({segment["name"] for segment in declared}) == len(declared)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"predicate": "order_total > 3"}, "unknown column 'order_total'"),
        ({"predicate": "order_count > {no_such_threshold}"}, "threshold {no_such_threshold} is not a variable"),
        ({"predicate": "loves_blue"}, "column 'loves_blue' is marked sensitive"),
        ({"predicate": "health_status = 'ill'"}, "sensitive attribute"),
        ({"predicate": "order_count > 1; drop table x"}, "semicolon or a comment"),
        ({"predicate": ""}, "key 'predicate' is missing"),
        ({"owner": None}, "key 'owner' is missing"),
        ({"predicat": "order_count > 1"}, "unknown key 'predicat'"),
        ({"channels": "email"}, "'channels' must be a list"),
        ({"name": "Regulars!"}, "lower-case letters"),
        ({"all_of": ["regulars"]}, "in a circle: regulars -> regulars"),
        ({"any_of": ["nobody"]}, "'any_of' names 'nobody', which is not declared"),
        ({"none_of": "vip"}, "'none_of' must be a list"),
        ({"sql": "select customer_id from x; drop table y"}, "'sql' holds a semicolon"),
        ({"sql": "delete from x"}, "'sql' must be a query"),
        ({"sql": "select customer_id from x where religion = 'y'"}, "'sql' reads 'religion', a sensitive attribute"),
        ({"minimum_size": "many"}, "'minimum_size' must be a whole number"),
    ],
)
def test_a_wrong_declaration_is_named(check: Check, change: dict[str, Any], complaint: str) -> None:
    segment = {**GOOD, **change}
    success, message = check([segment])
    assert not success
    assert f"Segment '{segment['name']}'" in message
    assert complaint in message


def test_a_name_declared_twice_is_named(check: Check) -> None:
    success, message = check([GOOD, GOOD])
    assert not success
    assert "Segment 'regulars'" in message and "declared twice" in message


def test_a_circle_is_told_with_all_its_segments(check: Check) -> None:
    def made_of(name: str, other: str) -> dict[str, Any]:
        return {**{key: value for key, value in GOOD.items() if key != "predicate"}, "name": name, "any_of": [other]}

    success, message = check([made_of("first", "second"), made_of("second", "third"), made_of("third", "second")])
    assert not success
    assert "in a circle: second -> third -> second" in message
    assert "Segment 'third'" in message


def test_segments_made_of_segments_and_whole_queries_pass(check: Check) -> None:
    whole = {**{key: value for key, value in GOOD.items() if key != "predicate"}, "name": "whole"}
    success, message = check(
        [
            GOOD,
            {**whole, "sql": "select customer_id from {ref:orders} where units > {vip_top_share}"},
            {**whole, "name": "rest", "any_of": ["regulars"], "none_of": ["whole"], "minimum_size": 100},
        ]
    )
    assert success, message
