"""The whole project builds on what real connectors land, files unchanged, with each connector and without it.

Skipped where the samples are not at hand.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.python.acceptance.bench import (
    NO_COLUMN_TESTS,
    NO_UNIT_TESTS,
    SHARED_DATA,
    Bench,
    Run,
    check_accounting,
    check_people,
    disabled,
)

SAMPLES = SHARED_DATA / "connectors"
# Which table of each connector holds people, by the model that stages it.
PEOPLE = {
    "shopify": ["stg_shopify__customers"],
    "hubspot": ["stg_hubspot__contacts"],
    "salesforce": ["stg_salesforce__contacts", "stg_salesforce__leads"],
    "zendesk": ["stg_zendesk__users"],
    "klaviyo": ["stg_klaviyo__people"],
}
CONNECTORS = tuple(PEOPLE)

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"no connector samples in {SAMPLES} (set KINDRED_SHARED_DATA)"
)


def table_of(file_name: str) -> str:
    """Raw table of a sample: sf_contact_data -> contact, shopify_customer_data -> customer, person -> person."""
    return file_name.removeprefix("shopify_").removeprefix("sf_").removesuffix("_data")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("connectors")
    for connector in CONNECTORS:
        (folder / connector).mkdir()
        for file in sorted((SAMPLES / connector).glob("*.csv")):
            shutil.copy(file, folder / connector / f"{table_of(file.stem)}.csv")
    return folder


@pytest.fixture(scope="module")
def built(bench: Bench, raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return bench.build(raw, tmp_path_factory.mktemp("all") / "kindred.duckdb", *NO_UNIT_TESTS)


def test_every_raw_row_is_used_or_rejected(built: Run) -> None:
    check_accounting(built)
    used = dict(built.rows("select staging_model, rows_used from governance.row_accounting"))
    for model in [*(model for models in PEOPLE.values() for model in models), "stg_shopify__orders"]:
        assert used[model], f"{model} has no rows"


def test_no_value_fails_for_its_type(built: Run) -> None:
    # The samples are what the connectors really write, so the declared types have to fit them.
    types = "('not a timestamp', 'not a date', 'not a boolean', 'not a decimal', 'not an integer')"
    assert built.rows(f"select * from governance.rejected_values where reason in {types}") == []


def test_every_contact_is_in_a_customer(built: Run) -> None:
    check_people(built)
    records = dict(
        built.rows("select source_system, count(*) from identity.identity_records where entity <> 'guest' group by all")
    )
    for connector, models in PEOPLE.items():
        staged = sum(built.value(f"select count(*) from staging.{model}") for model in models)
        assert records[connector] == staged
        # Whoever is not staged was turned away for a reason that is written down.
        tables = ", ".join(f"'{model}'" for model in models)
        rejected = built.value(
            f"""
            select coalesce(sum(rows_in), 0)
                - (
                    select coalesce(sum(rejected_rows.row_count), 0)
                    from governance.rejected_rows
                    inner join governance.row_accounting using (source_name, table_name)
                    where row_accounting.staging_model in ({tables}) and rejected_rows.reason is not null
                )
            from governance.row_accounting where staging_model in ({tables})
            """
        )
        assert rejected == staged


def test_orders_belong_to_the_customers_they_name(built: Run) -> None:
    # The samples name customers that the customer sample does not hold; they are customers all the same.
    named = built.value("select count(*) from staging.stg_shopify__orders where shopify_customer_id is not null")
    assert named
    assert named == built.value(
        "select count(*) from marts.orders where order_kind <> 'refund' and customer_id is not null"
    )


@pytest.mark.parametrize("connector", CONNECTORS)
def test_builds_without(bench: Bench, raw: Path, built: Run, tmp_path: Path, connector: str) -> None:
    run = bench.build(raw, tmp_path / "kindred.duckdb", *NO_COLUMN_TESTS, variables=disabled(connector))
    check_accounting(run)
    check_people(run)
    assert run.value(f"select count(*) from identity.identity_records where source_system = '{connector}'") == 0
    others = (
        f"select source_name, table_name, rows_used from governance.row_accounting where source_name <> '{connector}'"
    )
    assert sorted(run.rows(others)) == sorted(built.rows(others))
    assert 0 < run.value("select count(*) from marts.customers") < built.value("select count(*) from marts.customers")
