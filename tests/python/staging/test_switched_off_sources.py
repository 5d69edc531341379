"""A run takes away what was made of a source that is switched off since, and masked views of before, and nothing of somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from dbt_workbench import PROJECT, Workbench

from python_udfs.governance.masked import write_masked

RELATIONS = (
    "select table_schema || '.' || table_name from information_schema.tables"
    " where table_schema not in ('governance', 'reference', 'intermediate') order by all"
)
# The views of tables without a file are left: there is nothing in them.
HUBSPOT = {
    "hubspot.contact",
    "staging.stg_hubspot__companies",
    "staging.stg_hubspot__contact_merges",
    "staging.stg_hubspot__contacts",
}


def test_every_model_of_a_source_is_known_to_go_with_it() -> None:
    macros = PROJECT / "macros" / "staging"
    text = (macros / "contract.sql").read_text() + (macros / "switched_off.sql").read_text()
    staged = set(re.findall(r"\('(\w+)', '\w+', '(\w+)'\)", text))
    for source, names in re.findall(r"'(\w+)': \[([^\]]*)\]", (macros / "switched_off.sql").read_text()):
        staged |= {(source, name) for name in re.findall(r"'(\w+)'", names)}
    declared = {
        (source, path.stem)
        for path in [*Path(PROJECT / "models").rglob("*.sql"), *Path(PROJECT / "models").rglob("*.py")]
        for source in re.findall(r"enabled=var\('(\w+)_enabled'\)", path.read_text())
    }
    assert declared == staged


def test_what_was_made_of_a_source_goes_with_it_and_nothing_else(workbench_of: Callable[..., Workbench]) -> None:
    workbench = workbench_of("hubspot", "people")
    for name, columns in {
        "hubspot/contact": {"id": [1], "property_email": ["ann@example.org"]},
        "people/person": {"record_id": ["1"], "email": ["bo@example.org"]},
    }.items():
        (workbench.raw / name).parent.mkdir()
        pq.write_table(pa.table(columns), workbench.raw / f"{name}.parquet")
    before = workbench.build()
    assert before.returncode == 0, before.output
    with duckdb.connect(str(before.database)) as connection:
        connection.execute("create table hubspot.deal as select 1 as id")
        connection.execute("create table staging.stg_hubspot__deals as select 1 as id")
        connection.execute("create table intermediate.stg_hubspot__contacts__rows as select '1' as row_key")
        # Somebody's own view still reads what a run makes; it must not break.
        connection.execute("create schema own")
        connection.execute("create view own.names as select given_name from staging.stg_hubspot__contacts")
        # Of a mart there are masked views, and one that somebody wrote.
        connection.execute("create schema marts")
        connection.execute("create table marts.orders as select 'o1' as order_id, 'c1' as customer_id")
        connection.execute(
            "create view own.orders as select left(customer_id, 1) as c from marts.orders cross join privacy.masking_key"
        )
    relations = {name for (name,) in before.rows(RELATIONS)}
    assert relations > HUBSPOT

    # The later of two values of a variable counts.
    run = workbench.build(hubspot_enabled="false")
    assert run.returncode == 0, run.output
    left = {name for (name,) in run.rows(RELATIONS)}
    contacts = "staging.stg_hubspot__contacts"
    assert left == (relations - HUBSPOT) | {contacts, "masked.orders"}
    assert (
        'still there, because something that this run did not build reads them: "kindred"."staging"."stg_hubspot__contacts"'
        in run.output
    )
    assert "Source hubspot is switched off: dropped 4 tables and views of it" in run.output
    companions = "select table_name from information_schema.tables where table_name like 'stg_hubspot%rows'"
    assert run.rows(companions) == []

    with duckdb.connect(str(run.database)) as connection:
        connection.execute("drop view own.names")
    run = workbench.build(hubspot_enabled="false", masked_schema="hidden")
    assert run.returncode == 0, run.output
    assert {name for (name,) in run.rows(RELATIONS)} == (left - {contacts, "masked.orders", "own.names"}) | {
        "hidden.orders"
    }
    # The masked file follows the views, and takes nothing that somebody wrote with their key.
    assert write_masked(run.database, workbench.raw.parent / "masked.duckdb") == {"orders": 1}
    run = workbench.build(hubspot_enabled="false", masked_schema="''")
    assert {name for (name,) in run.rows(RELATIONS)} == left - {contacts, "masked.orders", "own.names"}

    back = workbench.build()
    assert back.returncode == 0, back.output
    assert {name for (name,) in back.rows(RELATIONS)} >= HUBSPOT
    assert back.rows("select email from staging.stg_hubspot__contacts") == [("ann@example.org",)]
