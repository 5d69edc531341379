"""Money that cannot be converted is warned of: currencies without a rate, and documents without a currency where they are many."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.cli.main import dbtRunner

ROOT = Path(__file__).parents[3]


def declared_test() -> dict[str, Any]:
    """The test as it is declared of the mart."""
    models = yaml.safe_load((ROOT / "models" / "marts" / "behavior" / "orders.yml").read_text())["models"]
    columns = {column["name"]: column for column in models[0]["columns"]}
    return next(test for test in columns["currency"]["data_tests"] if "money_is_convertible" in test)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the test, the rates, and a table of documents in the place of the mart."""
    folder = tmp_path_factory.mktemp("currencies")
    (folder / "tests").mkdir()
    shutil.copytree(ROOT / "tests" / "generic", folder / "tests" / "generic")
    shutil.copytree(ROOT / "macros", folder / "macros")
    (folder / "seeds").mkdir()
    shutil.copy(ROOT / "seeds" / "currency_rates.csv", folder / "seeds")
    (folder / "models").mkdir()
    (folder / "models" / "orders.sql").write_text("select * from main.documents")
    described = {"name": "orders", "columns": [{"name": "currency", "data_tests": [declared_test()]}]}
    (folder / "models" / "orders.yml").write_text(yaml.safe_dump({"version": 2, "models": [described]}))
    (folder / "dbt_project.yml").write_text(
        yaml.safe_dump({"name": "kindred", "profile": "kindred", "flags": {"send_anonymous_usage_stats": False}})
    )
    output = {"type": "duckdb", "path": str(folder / "currencies.duckdb")}
    (folder / "profiles.yml").write_text(yaml.safe_dump({"kindred": {"target": "t", "outputs": {"t": output}}}))
    return folder


@pytest.mark.parametrize(
    ("documents", "status"),
    [
        ("select 'pos', 'EUR' from range(10)", "pass"),
        ("select 'pos', 'EUR' from range(99) union all select 'pos', null", "pass"),
        ("select 'pos', 'EUR' from range(99) union all select 'pos', 'XAU'", "warn"),
        ("select 'pos', 'EUR' from range(99) union all select 'shopify', null", "warn"),
        ("select 'pos', 'EUR', 'pos:1', 'sale' union all select 'shopify', null, 'shopify:orphan:1', 'sale'", "pass"),
        ("select 'pos', 'EUR', 'pos:1', 'sale' union all select 'shopify', null, 'shopify:refund:1', 'refund'", "pass"),
    ],
)
def test_what_cannot_be_converted_is_warned_of(project: Path, documents: str, status: str) -> None:
    with duckdb.connect(str(project / "currencies.duckdb")) as connection:
        if "orphan" not in documents and "refund" not in documents:
            documents = f"select *, 'shopify:1', 'sale' from ({documents}) as named"
        connection.execute(
            f"create or replace table documents (source_name, currency, order_id, order_kind) as {documents}"
        )
    here = Path.cwd()
    paths = ["--project-dir", str(project), "--profiles-dir", str(project), "--log-path", str(project / "logs")]
    try:
        done = dbtRunner().invoke(["--quiet", "build", "--threads", "1", *paths])
    finally:
        os.chdir(here)
    results: Any = done.result
    assert [str(result.status) for result in results if result.node.resource_type == "test"] == [status]
