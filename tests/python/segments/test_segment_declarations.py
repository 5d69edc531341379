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


class Workshop:
    """A project that holds only what a declaration is checked with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "macros" / "segments", folder / "macros" / "segments")
        shutil.copytree(ROOT / "macros" / "engine", folder / "macros" / "engine")
        shutil.copytree(ROOT / "macros" / "activation", folder / "macros" / "activation")
        (folder / "seeds").mkdir()
        for seed in ("purposes.csv", "purposes_channels.csv"):
            shutil.copy(ROOT / "seeds" / seed, folder / "seeds" / seed)
        (folder / "models").mkdir()
        (folder / "models" / "customer_features.sql").write_text(
            "select 1 as order_count, 'FR' as country, true as loves_blue, 'ill' as health_status"
        )
        (folder / "models" / "orders.sql").write_text("select 'a' as customer_id, 1 as units")
        enforced = {"contract": {"enforced": True}}
        features = [
            {"name": "order_count", "data_type": "integer"},
            {"name": "country", "data_type": "varchar"},
            {"name": "loves_blue", "data_type": "boolean", "config": {"meta": {"sensitive": True}}},
            {"name": "health_status", "data_type": "varchar"},
        ]
        orders = [{"name": "customer_id", "data_type": "varchar"}, {"name": "units", "data_type": "integer"}]
        models = [
            {"name": "customer_features", "columns": features, "config": enforced},
            {"name": "orders", "columns": orders, "config": enforced},
        ]
        (folder / "models" / "models.yml").write_text(yaml.safe_dump({"version": 2, "models": models}))
        # What other macros read; no operation here runs it.
        for name in ("as_of_time", "segment_membership", "consent_status", "customers"):
            (folder / "models" / f"{name}.sql").write_text("select 1 as as_of_at")
        self.declare([])
        plugin = {"module": "python_udfs.duckdb_plugin", "config": {"raw": ""}}
        output = {"type": "duckdb", "path": ":memory:", "plugins": [plugin]}
        (folder / "profiles.yml").write_text(yaml.safe_dump({"kindred": {"target": "t", "outputs": {"t": output}}}))

    def declare(self, segments: list[Any], **others: Any) -> None:
        """Write the segments, and other variables that a test sets, into the project file."""
        declared = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
        project = {
            "name": "kindred",
            "version": "1.0.0",
            "profile": "kindred",
            "flags": {"send_anonymous_usage_stats": False},
            "on-run-start": ["{{ refuse_wrong_segments() }}"],
            "vars": {
                **{key: declared[key] for key in ("vip_top_share", "sensitive_attribute_patterns")},
                "segments": segments,
                **others,
            },
        }
        (self.folder / "dbt_project.yml").write_text(yaml.safe_dump(project, sort_keys=False))

    def line_of(self, text: str) -> int:
        """The line of the project file that begins with a text."""
        lines = (self.folder / "dbt_project.yml").read_text().splitlines()
        return next(
            number for number, line in enumerate(lines, start=1) if line.strip().removeprefix("- ").startswith(text)
        )

    def dbt(self, *arguments: str) -> tuple[bool, list[str]]:
        """Run a command: whether it succeeded, and what was said about it as an error or as the result."""
        messages: list[str] = []

        def listen(event: Any) -> None:
            if event.info.level == "error" or event.info.name == "JinjaLogInfo":
                messages.append(event.info.msg)

        paths = [
            "--project-dir",
            str(self.folder),
            "--profiles-dir",
            str(self.folder),
            "--log-path",
            str(self.folder / "logs"),
        ]
        here = Path.cwd()
        try:
            result = dbtRunner(callbacks=[listen]).invoke(["--quiet", *arguments, *paths])
        finally:
            os.chdir(here)
        return bool(result.success), messages


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def check(workshop: Workshop) -> Check:
    """Runs the check_segments operation on segments."""

    def run(segments: list[Any]) -> tuple[bool, str]:
        success, messages = workshop.dbt(
            "run-operation", "check_segments", "--args", yaml.safe_dump({"segments": segments})
        )
        return success, "\n".join(messages)

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
        ({"predicate": "order_cuont > 3"}, "Did you mean 'order_count'?"),
        ({"purpose": ""}, "key 'purpose' is missing"),
        ({"purpose": "marketng"}, "unknown purpose 'marketng'. Did you mean 'marketing'?"),
        ({"channels": ["sms", "emial"]}, "unknown channel 'emial'. Did you mean 'email'?"),
        ({"predicate": "order_count > (3"}, "the predicate is no condition: syntax error"),
        ({"predicate": "order_count > 'abc'"}, "the predicate does not fit customer_features: Could not convert"),
        ({"predicate": "country is not null and order_count > 'abc'"}, "Could not convert string 'abc'"),
        ({"sql": "select customer_id from {ref:ordrs}"}, "there is no such model. Did you mean 'orders'?"),
        ({"sql": "select units from {ref:orders}"}, "'sql' must give customer_id, and gives units"),
        ({"sql": "select customer_id from {ref:orders} where amount > 3"}, "'sql' does not fit the models it reads"),
        ({"sql": "select customer_id from {ref:orders} where (units > 3"}, "'sql' is no query: syntax error"),
        ({"time_to_live_days": "soon"}, "'time_to_live_days' must be a whole number of days, 1 or more, not 'soon'"),
        ({"time_to_live_days": 0}, "'time_to_live_days' must be a whole number of days"),
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
            # Nobody declares the columns of this model, and nobody here knows the function.
            {**whole, "name": "unknown", "sql": "select known_there(x) as customer_id from {ref:customers}"},
            {**whole, "name": "advertised", "predicate": "order_count > '1'", "channels": ["ads", "post"]},
            # A text that says a day or a number, where it says one.
            {**whole, "name": "dated", "predicate": "cast(country as date) > date '2025-01-01'"},
            {**whole, "name": "counted", "predicate": "try_cast(country as integer) > 3"},
            {**whole, "name": "rest", "any_of": ["regulars"], "none_of": ["whole"], "minimum_size": 100},
        ]
    )
    assert success, message


@pytest.mark.parametrize(
    ("wrong", "line", "complaint"),
    [
        ({"predicate": "order_cuont > 3"}, "predicate: order_cuont", "Did you mean 'order_count'?"),
        ({"purpose": None}, "name: second", "key 'purpose' is missing"),
        ({"purpose": "profiling"}, "purpose: profiling", "unknown purpose 'profiling'"),
        ({"predicate": "order_count > (3"}, "predicate: order_count > (3", "the predicate is no condition"),
        ({"sql": "select units from {ref:orders}"}, "sql:", "'sql' must give customer_id"),
        ({"predicate": "health_status = 'ill'"}, "predicate: health", "sensitive attribute"),
        ({"any_of": ["second"]}, "any_of:", "in a circle: second -> second"),
        ({"none_of": ["regulers"]}, "none_of:", "Did you mean 'regulars'?"),
    ],
)
def test_a_run_stops_at_the_start_with_one_error_and_its_line(
    workshop: Workshop, wrong: dict[str, Any], line: str, complaint: str
) -> None:
    workshop.declare([GOOD, {**GOOD, "name": "second", **wrong}])
    success, messages = workshop.dbt("run", "--select", "customer_features")
    told = [message for message in messages if "Segment 'second'" in message]
    assert not success
    assert told and all(
        f"(dbt_project.yml:{workshop.line_of(line)})" in message and complaint in message for message in told
    )
    assert not any("customer_features" in message.split("customer_features has")[0] for message in messages), messages
    workshop.declare([GOOD])
    assert workshop.dbt("run", "--select", "customer_features") == (True, [])


@pytest.mark.parametrize(
    ("chosen", "complaint"),
    [
        (["regulars", "regulers"], "names 'regulers', which is no declared segment. Did you mean 'regulars'?"),
        ("regulars", "must be a list of segments"),
    ],
)
def test_a_forecast_of_an_unknown_segment_stops_the_run(workshop: Workshop, chosen: Any, complaint: str) -> None:
    workshop.declare([GOOD], sales_forecast_segments=chosen)
    success, messages = workshop.dbt("run", "--select", "customer_features")
    checked, found = workshop.dbt("run-operation", "check_segments")
    workshop.declare([GOOD])
    assert not success and not checked
    assert any(complaint in message for message in found)
    assert any(f"'sales_forecast_segments' in vars of dbt_project.yml {complaint}" in message for message in messages)


def test_a_preview_of_an_unknown_segment_tells_what_was_meant(workshop: Workshop) -> None:
    workshop.declare([GOOD])
    success, messages = workshop.dbt("run-operation", "segment_preview", "--args", "{segment: Regulers}")
    assert not success
    assert any("is not declared. Did you mean 'regulars'?" in message for message in messages), messages
