"""Staging builds on what real connectors land, files unchanged. Skipped where the samples are not at hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from dbt_workbench import PROJECT, Workbench

SAMPLES = Path(os.environ.get("KINDRED_SHARED_DATA", PROJECT.parent / "shared" / "data")) / "connectors"
CONNECTORS = ("shopify", "hubspot", "salesforce", "zendesk", "klaviyo")


def table_of(file_name: str) -> str:
    """Raw table of a sample: sf_contact_data -> contact, shopify_customer_data -> customer, person -> person."""
    return file_name.removeprefix("shopify_").removeprefix("sf_").removesuffix("_data")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no connector samples in {SAMPLES} (set KINDRED_SHARED_DATA)")
def test_connector_samples_build_unchanged(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of(*CONNECTORS)
    for connector in CONNECTORS:
        (workbench.raw / connector).mkdir()
        for file in sorted((SAMPLES / connector).glob("*.csv")):
            shutil.copy(file, workbench.raw / connector / f"{table_of(file.stem)}.csv")
    run = workbench.build()
    assert run.returncode == 0, run.output
    lost = run.rows("select * from governance.row_accounting where rows_in <> rows_used + rows_rejected")
    assert lost == []
    used = dict(run.rows("select staging_model, rows_used from governance.row_accounting"))
    for model in [
        "stg_shopify__customers",
        "stg_shopify__orders",
        "stg_hubspot__contacts",
        "stg_salesforce__contacts",
        "stg_zendesk__users",
        "stg_klaviyo__people",
        "stg_klaviyo__events",
    ]:
        assert used[model], f"{model} has no rows"
    # No value may fail for its type: the samples are what the connectors really write.
    types = "('not a timestamp', 'not a date', 'not a boolean', 'not a decimal', 'not an integer')"
    assert run.rows(f"select * from governance.rejected_values where reason in {types}") == []
