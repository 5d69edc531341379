"""The life of one database: a fresh build, the same data again, a day later, and a full refresh."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from python_udfs.governance.inventory import class_by_name, columns, read_manifest, read_purposes
from python_udfs.summary import pairwise_scores
from tests.python.acceptance.bench import DBT, NO_COLUMN_TESTS, PROJECT, Bench, Run, check_accounting, check_people

Groups = npt.NDArray[np.int64]

PEOPLE = 1_500
SEED = 7
# Destination, and where the consent that it needs is kept.
DESTINATIONS = {
    "email": "purpose_code = 'marketing' and channel = 'email' and identifier = email",
    "sms": "purpose_code = 'marketing' and channel = 'sms' and identifier = phone",
    "google": "purpose_code = 'advertising' and identifier = customer_id",
    "meta": "purpose_code = 'sale_or_share' and identifier = customer_id",
    "crm": "purpose_code = 'personalization' and identifier = customer_id",
    "profile": "purpose_code = 'personalization' and identifier = customer_id",
}
LEDGERS = (
    "marts.consent_events",
    "marts.segment_membership_events",
    "identity.customer_id_events",
)
# What depends on the data alone, so that the same data must give the same rows.
RESULTS = (
    *LEDGERS,
    "identity.customer_id_ledger",
    "marts.customers",
    "marts.customer_attributes",
    "marts.customer_identifiers",
    "marts.accounts",
    "marts.account_contacts",
    "marts.orders",
    "marts.order_lines",
    "marts.order_margins",
    "marts.customer_preferences",
    "marts.events",
    "marts.sessions",
    "marts.interactions",
    "marts.feedback",
    "marts.journeys",
    "marts.attribution",
    "marts.customer_lifetime_value",
    "marts.lifetime_value_evaluation",
    "marts.churn_evaluation",
    "marts.sales_forecast",
    "marts.sales_forecast_evaluation",
    "marts.product_affinities",
    "marts.customer_next_products",
    "marts.customer_channel_preference",
    "marts.consent_status",
    "marts.segment_membership",
    *(f"activation.activation_{destination}_{kind}" for destination in DESTINATIONS for kind in ("current", "state")),
)

JUDGED = (
    "(select record_id, ids.customer_id, truth.person_id from identity.customer_ids as ids"
    " inner join staging.stg_truth__person_records as truth using (record_id))"
)


@dataclass(frozen=True)
class Life:
    """The same database after each of its builds."""

    fresh: Run
    again: Run
    next_day: Run
    refreshed: Run
    raw: Path


def generate(raw: Path, *arguments: str) -> None:
    """Write demo data by the command that users have."""
    command = [
        sys.executable,
        "-m",
        "python_udfs.demo",
        "--people",
        str(PEOPLE),
        "--seed",
        str(SEED),
        "--out",
        str(raw),
    ]
    subprocess.run([*command, *arguments], cwd=PROJECT, check=True, capture_output=True)


@pytest.fixture(scope="module")
def life(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Life:
    folder = tmp_path_factory.mktemp("demo")
    raw, database = folder / "raw", folder / "kindred.duckdb"
    generate(raw)
    # Nothing is left out here: unit tests too have to run where no table has been built before.
    fresh = bench.build(raw, database).snapshot("fresh")
    again = bench.build(raw, database, *NO_COLUMN_TESTS).snapshot("again")
    generate(raw, "--day", "1")
    next_day = bench.build(raw, database, "--exclude-resource-type", "unit_test").snapshot("next_day")
    refreshed = bench.build(raw, database, *NO_COLUMN_TESTS, "--full-refresh").snapshot("refreshed")
    return Life(fresh, again, next_day, refreshed, raw)


def compare(before: Run, after: Run, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query over two builds, named `one_build` and `other_build`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{before.database}' as one_build (read_only)")
        connection.execute(f"attach '{after.database}' as other_build (read_only)")
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return rows


def differing_rows(before: Run, after: Run, table: str) -> tuple[int, int]:
    """How many rows of a table only one of two builds has: those gone, those new."""
    count = "(select count(*) from (select * from {0}.{2} except all select * from {1}.{2}))"
    gone = count.format("one_build", "other_build", table)
    new = count.format("other_build", "one_build", table)
    ((gone_rows, new_rows),) = compare(before, after, f"select {gone}, {new}")
    return gone_rows, new_rows


def answers(run: Run) -> dict[str, list[dict[str, Any]]]:
    """The answers to the questions of docs/questions.md by the first word of their heading."""
    text = (PROJECT / "docs" / "questions.md").read_text(encoding="utf-8")
    found = {}
    with duckdb.connect(str(run.database), read_only=True) as connection:
        for kind, query in re.findall(r"^## (\w+)[^\n]*\n\n```sql\n(.*?)```", text, flags=re.DOTALL | re.MULTILINE):
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description]
            found[kind] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def test_queries_and_tables_of_the_readme_are_there(life: Life) -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    queries = re.findall(r"^\| `(\w+\.\w+)`[^|]*\|[^|]*\| `(select [^`]+)`", text, flags=re.MULTILINE)
    assert len(queries) >= 30
    with duckdb.connect(str(life.fresh.database), read_only=True) as connection:
        for table, query in queries:
            assert f"from {table}" in query
            connection.execute(query)
        schemas = ("marts", "activation", "identity", "governance", "intermediate")
        named = set(re.findall(rf"`((?:{'|'.join(schemas)})\.\w+)`", text))
        there = connection.execute("select table_schema || '.' || table_name from information_schema.tables").fetchall()
    assert sorted(named - {name for (name,) in there}) == []


def test_documented_questions_have_plausible_answers(life: Life) -> None:
    """Each answer is held against what the tables below it say."""
    run = life.fresh
    found = answers(run)
    assert list(found) == [
        *("Identity", "Quantitative", "Descriptive", "Qualitative", "Behavioral", "Psychographic", "Firmographic"),
        *("Margin", "Reviews", "Pipeline", "Interactions", "Anonymous", "Consent"),
    ]
    assert [kind for kind, rows in found.items() if not rows] == []

    identity = found["Identity"]
    assert {1, 2, 3} <= {row["source_count"] for row in identity}
    assert all(row["records"] >= row["customers"] * row["source_count"] for row in identity)
    people = run.value("select count(distinct person_id) from staging.stg_truth__person_records")
    assert 0.8 * people < sum(row["customers"] for row in identity) < 1.2 * people

    tenths = found["Quantitative"]
    assert [row["tenth"] for row in tenths] == list(range(1, 11))
    assert sum(row["share_of_revenue"] for row in tenths) == pytest.approx(1)
    assert 0.2 < tenths[0]["share_of_revenue"] < 0.8
    assert [row["revenue"] for row in tenths] == sorted((row["revenue"] for row in tenths), reverse=True)

    contradicted = {
        row["attribute"]: row["contradicted_customers"] / max(row["customers_of_several_sources"], 1)
        for row in found["Descriptive"]
    }
    # People move and have several mailboxes; they are not born twice.
    assert contradicted["address"] > contradicted["birth_date"]
    assert contradicted["birth_date"] < 0.2 and contradicted["gender"] < 0.2
    assert {row["most_frequent_winner"] for row in found["Descriptive"]} & {"enrichment", "thirdparty"} == set()

    assert all(-100 <= row["net_promoter_score"] <= 100 for row in found["Qualitative"])
    scores = "select count(*) from staging.stg_survey__responses where survey_type = 'nps' and score is not null"
    assert 0 < sum(row["answers"] for row in found["Qualitative"]) <= run.value(scores)

    visits = found["Behavioral"]
    assert sum(row["visits"] for row in visits) == run.value("select count(*) from marts.sessions")
    assert len(visits) >= 4
    assert all(
        0 < row["share_of_known_visitors"] <= 1 and 0 <= row["sales_rate_of_known_visitors"] < 1 for row in visits
    )

    interests = found["Psychographic"]
    sold = {category for (category,) in run.rows("select distinct lower(product_category) from marts.order_lines")}
    assert {row["interest"] for row in interests} <= sold
    assert all(row["of_them_buy_it"] <= row["customers_who_say_so"] for row in interests)
    assert all(0 <= row["share_of_all_who_buy_it"] < 1 for row in interests)

    firms = found["Firmographic"]
    assert sum(row["accounts"] for row in firms) == run.value("select count(*) from marts.accounts")
    assert sum(row["customers"] for row in firms) == run.value(
        "select count(distinct customer_id) from marts.account_contacts"
    )
    assert 0 < sum(row["revenue"] for row in firms) < run.value("select sum(net_revenue) from marts.customers")

    goods = [row for row in found["Margin"] if row["margin"] is not None]
    whole = "select sum(revenue_amount - cost_amount) from marts.order_lines where not is_test and not is_cancelled"
    assert sum(row["margin"] for row in goods) == run.value(whole)
    # Goods are bought in for 30 to 60 percent of their price without discount; of a few products the cost is not known.
    assert 0.2 < sum(row["margin"] for row in goods) / sum(row["revenue"] for row in goods) < 0.65
    assert all(0.5 < row["share_of_known_cost"] <= 1 for row in goods if row["currency"] == "EUR")

    reviews = found["Reviews"]
    assert all(1 <= row["average_score"] <= 5 for row in reviews)
    assert 0 < sum(row["disappointed_customers"] for row in reviews) < sum(row["negative_reviews"] for row in reviews)

    stages = found["Pipeline"]
    assert [row["stage_name"] for row in stages] == ["Qualification", "Needs Analysis", "Proposal", "Negotiation"]
    assert stages[0]["deals"] == run.value("select count(*) from marts.opportunities")
    assert stages[0]["deals"] >= stages[-1]["deals"] > 0
    assert stages[-1]["share_won_of_closed"] > stages[0]["share_won_of_closed"]

    cases = found["Interactions"]
    assert sum(row["cases"] for row in cases) == run.value("select count(*) from staging.stg_zendesk__tickets")
    assert all(row["median_hours_to_close"] <= row["slowest_tenth_from_hours"] for row in cases if row["share_solved"])

    devices = sum(row["devices"] for row in found["Anonymous"])
    assert devices == run.value("select count(*) from marts.anonymous_audience_devices")
    assert sum(row["devices_of_known_people"] for row in found["Anonymous"]) > 0

    reach = {(row["purpose_code"], row["channel"]): row for row in found["Consent"]}
    assert 0 < reach["marketing", "email"]["reachable_customers"] < reach["marketing", "email"]["customers"]


def test_fresh_build_accounts_for_every_row_and_person(life: Life) -> None:
    assert "unit_test" in life.fresh.output
    check_accounting(life.fresh)
    check_people(life.fresh)
    assert (
        life.fresh.value("select count(*) from governance.raw_tables where status not in ('ok', 'source absent')") == 0
    )
    for table in RESULTS:
        assert life.fresh.value(f"select count(*) from {table}") > 0, f"{table} is empty"


@pytest.mark.parametrize("table", RESULTS)
def test_same_data_again_changes_nothing(life: Life, table: str) -> None:
    assert differing_rows(life.fresh, life.again, table) == (0, 0)


def test_a_day_later_its_rows_arrive(life: Life) -> None:
    check_accounting(life.next_day)
    check_people(life.next_day)
    rows_in = "select source_name || '.' || table_name, rows_in from governance.row_accounting"
    before, after = dict(life.again.rows(rows_in)), dict(life.next_day.rows(rows_in))
    arrived = {table: after[table] - before[table] for table in after}
    delivered = {
        f"{source}.{table}": rows
        for source, table, rows in life.next_day.rows(
            "select split_part(path, '/', -2), split_part(split_part(path, '/', -1), '.', 1), rows from ("
            f"select filename as path, count(*) as rows from read_parquet('{life.raw}/*/*.day0001.parquet',"
            " filename = true, union_by_name = true) group by all)"
        )
    }
    assert {table: rows for table, rows in arrived.items() if rows} == delivered
    new_orders = (
        f"select count(*) from read_parquet('{life.raw}/shopify/order.day0001.parquet') as raw"
        " where 'shopify:' || raw.id not in (select order_id from one_build.marts.orders)"
    )
    found = f"{new_orders} and 'shopify:' || raw.id in (select order_id from other_build.marts.orders)"
    assert compare(life.again, life.next_day, new_orders) == compare(life.again, life.next_day, found)
    assert compare(life.again, life.next_day, new_orders) != [(0,)]


@pytest.mark.parametrize("table", LEDGERS)
def test_ledgers_only_grow(life: Life, table: str) -> None:
    gone, new = differing_rows(life.again, life.next_day, table)
    assert gone == 0
    assert 0 < new < life.again.value(f"select count(*) from {table}") / 10


def test_a_day_later_unchanged_people_keep_their_id(life: Life) -> None:
    people = """
        select
            a.record_id,
            a.customer_id as before,
            b.customer_id as after,
            count(*) over (partition by a.customer_id, b.customer_id) as common_records,
            a.record_count as before_records,
            b.record_count as after_records
        from (
            select *, count(*) over (partition by customer_id) as record_count from one_build.identity.customer_id_ledger
            where removed_at is null
        ) as a
        inner join (
            select *, count(*) over (partition by customer_id) as record_count from other_build.identity.customer_id_ledger
            where removed_at is null
        ) as b on a.record_id = b.record_id
    """
    same_records = f"select * from ({people}) where common_records = before_records and before_records = after_records"
    assert compare(life.again, life.next_day, f"select * from ({same_records}) where before <> after") == []
    total = life.again.value("select count(*) from identity.customer_ids")
    kept = compare(life.again, life.next_day, f"select count(*) from ({people}) where before = after")[0][0]
    assert kept >= 0.99 * total


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_activation_time_moves_only_with_its_row(life: Life, destination: str) -> None:
    states = (
        f"from one_build.activation.activation_{destination}_state as a"
        f" inner join other_build.activation.activation_{destination}_state as b on a.activation_id = b.activation_id"
    )
    moved = f"select * {states} where (a.row_hash = b.row_hash) <> (a.updated_at = b.updated_at)"
    assert compare(life.again, life.next_day, moved) == []
    assert compare(life.again, life.next_day, f"select * {states} where a.updated_at > b.updated_at") == []
    gone = f"select * from one_build.activation.activation_{destination}_state where activation_id not in"
    assert (
        compare(
            life.again,
            life.next_day,
            f"{gone} (select activation_id from other_build.activation.activation_{destination}_state)",
        )
        == []
    )


def test_clients_that_mirror_and_clients_that_follow_have_the_same_rows(life: Life) -> None:
    for destination in DESTINATIONS:
        followed = (
            f"select count(*) from other_build.activation.activation_{destination}_state as b"
            f" where b.updated_at > (select max(updated_at) from one_build.activation.activation_{destination}_state)"
        )
        copy = (
            "with changed as (select activation_id, is_deleted, row_hash"
            f" from other_build.activation.activation_{destination}_state where updated_at >"
            f" (select max(updated_at) from one_build.activation.activation_{destination}_state)),"
            f" copied as (select activation_id, row_hash from one_build.activation.activation_{destination}_state"
            " where not is_deleted and activation_id not in (select activation_id from changed)"
            " union all select activation_id, row_hash from changed where not is_deleted),"
            f" source as (select activation_id, row_hash from other_build.activation.activation_{destination}_current)"
            " (from copied except from source) union all (from source except from copied)"
        )
        assert compare(life.again, life.next_day, copy) == [], destination
        if destination == "email":
            assert compare(life.again, life.next_day, followed) != [(0,)]


def test_a_segment_is_previewed_masked_and_without_being_built(bench: Bench, life: Life, tmp_path: Path) -> None:
    database = tmp_path / "preview.duckdb"
    shutil.copy(life.refreshed.database, database)
    command = [*DBT[:-2], "--quiet", "run-operation", "segment_preview", "--args", "{segment: champions}"]
    run = bench.run(command, life.raw, database)
    assert run.returncode == 0, run.output
    size = life.refreshed.value("select member_count from marts.segments where segment_name = 'champions'")
    total = life.refreshed.value("select count(*) from marts.customers")
    assert f"Size            {size} of {total} customers" in run.output
    assert "permit marketing by email" in run.output
    assert "Examples, masked" in run.output
    shown = run.output.split("Examples, masked")[1]
    heads, *examples = shown.strip().splitlines()
    assert heads.split() == ["customer_id", "given_name", "email", "country", "lifecycle_stage", "order_count"]
    assert len(examples) == min(10, size)
    emails = life.refreshed.rows("select email from marts.customers where email is not null")
    assert not [email for (email,) in emails if email in shown]
    served = bench.run([*command[:-1], "{segment: open_tickets}"], life.raw, database)
    assert "no consent is asked for service" in served.output


def test_a_consent_withdrawn_behind_the_build_fails_the_test_of_every_activation_table(
    bench: Bench, life: Life, tmp_path: Path
) -> None:
    database = tmp_path / "withdrawn.duckdb"
    shutil.copy(life.refreshed.database, database)
    renamed = life.refreshed.database.stem
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as {renamed}")
        connection.execute(f"use {renamed}")
        for destination, needed in DESTINATIONS.items():
            connection.execute(
                "update marts.consent_status set is_permitted = false, status = 'withdrawn' where rowid = ("
                f" select min(consent.rowid) from marts.consent_status as consent"
                f" inner join activation.activation_{destination}_current using (customer_id)"
                f" where is_permitted and {needed})"
            )
    command = [argument if argument != "build" else "test" for argument in DBT]
    run = bench.run(command, life.raw, database, "--select", "test_name:permitted_for")
    assert run.returncode != 0
    for destination in DESTINATIONS:
        assert f"Failure in test permitted_for_activation_{destination}_current" in run.output, run.output


@pytest.mark.parametrize("table", RESULTS)
def test_full_refresh_keeps_ledgers_and_ids(life: Life, table: str) -> None:
    # Were the ledgers dropped, every entry would carry the date of the last day.
    assert differing_rows(life.next_day, life.refreshed, table) == (0, 0)


def components(run: Run) -> Groups:
    """Component of each judged record when records are one person as soon as they share any exact identifier.

    Returns int64 of shape (records,), ordered by record_id.
    """
    records = [record for (record,) in run.rows(f"select record_id from {JUDGED} order by record_id")]
    position = {record: index for index, record in enumerate(records)}
    links = run.rows(
        "select min(record_id) over (partition by identifier_type, identifier_value), record_id"
        f" from identity.identity_record_identifiers inner join {JUDGED} using (record_id)"
    )
    left = [position[first] for first, _ in links]
    right = [position[record] for _, record in links]
    graph = coo_array((np.ones(len(links)), (left, right)), shape=(len(records), len(records)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def f1(groups: Groups, people: Groups) -> float:
    """Pairwise F1 of two groupings of the same records; shape (records,) each."""

    def pairs(*keys: Groups) -> int:
        _, counts = np.unique(np.stack(keys), axis=1, return_counts=True)
        return int((counts * (counts - 1) // 2).sum())

    score = pairwise_scores(pairs(groups, people), pairs(groups), pairs(people))["f1"]
    assert score is not None
    return score


# Questions to the semantic layer, and how SQL would ask the tables: rows of the groups and the values, in the order of the columns.
METRIC_QUESTIONS: dict[str, tuple[list[str], str]] = {
    "customers by life cycle": (
        ["--metrics", "customers", "--group-by", "customer__lifecycle_stage"],
        "select lifecycle_stage, count(*) from marts.customers group by all",
    ),
    "value by currency": (
        ["--metrics", "revenue,orders,active_customers,average_order_value", "--group-by", "order__currency"],
        "select currency, sum(net_amount), count(*) filter (where order_kind = 'sale'),"
        " count(distinct customer_id) filter (where order_kind = 'sale'),"
        " sum(net_amount) / nullif(count(*) filter (where order_kind = 'sale'), 0)"
        " from marts.orders where not is_test and not is_cancelled group by all",
    ),
    "margin by currency": (
        ["--metrics", "margin,margin_coverage", "--group-by", "margin_order__currency"],
        "select currency, sum(margin), avg(margin_coverage)"
        " from marts.order_margins where not is_test and not is_cancelled group by all",
    ),
    "reach by channel": (
        [
            *("--metrics", "reach,consent_rate", "--group-by", "permission__channel"),
            *("--where", "{{ Dimension('permission__purpose_code') }} = 'marketing'"),
        ],
        "select channel, count(distinct customer_id) filter (where is_permitted),"
        " count(distinct customer_id) filter (where is_permitted) / count(distinct customer_id)"
        " from marts.consent_status where purpose_code = 'marketing' group by all",
    ),
    "segment sizes": (
        ["--metrics", "segment_size", "--group-by", "membership__segment_name"],
        "select segment_name, count(*) from marts.segment_membership group by all",
    ),
    "net promoter score": (
        ["--metrics", "nps"],
        "select 100.0 * (count(*) filter (where score >= 9) - count(*) filter (where score <= 6)) / count(*)"
        " from marts.feedback where feedback_type = 'nps' and score is not null",
    ),
    "times to answer": (
        ["--metrics", "hours_to_response,hours_to_close", "--group-by", "interaction__channel"],
        "select channel, avg(hours_to_response), avg(hours_to_close) from marts.interactions group by all",
    ),
}


def test_metrics_equal_what_the_tables_say(life: Life, bench: Bench, tmp_path: Path) -> None:
    # MetricFlow looks for what dbt parsed in the target folder of the project, so it gets a project with the bench's.
    for name in ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "python_udfs"):
        (tmp_path / name).symlink_to(PROJECT / name)
    options = bench.options(None)
    (tmp_path / "target").symlink_to(options[options.index("--target-path") + 1], target_is_directory=True)
    done = subprocess.run(
        [sys.executable, "-m", "python_udfs.metrics", "--check"],
        cwd=tmp_path,
        env={**os.environ, "KINDRED_DATABASE": str(life.fresh.database), "KINDRED_RAW": str(life.raw)}
        | {"DBT_LOG_PATH": str(tmp_path / "logs")},
        input=json.dumps([question for question, _ in METRIC_QUESTIONS.values()]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Progress is told before the answers.
    answers = json.loads(done.stdout[done.stdout.index("[[") :])
    for (name, (question, query)), answer in zip(METRIC_QUESTIONS.items(), answers, strict=True):
        groups = 1 if "--group-by" in question else 0
        told = {tuple(row[:groups]): row[groups:] for row in (list(row.values()) for row in answer)}
        expected = {
            tuple("" if value is None else value for value in row[:groups]): row[groups:]
            for row in life.fresh.rows(query)
        }
        assert expected, f"{name}: no data"
        assert told.keys() == expected.keys(), name
        for group, values in expected.items():
            numbers = [None if value == "" else float(value) for value in told[group]]
            assert numbers == [None if value is None else pytest.approx(float(value)) for value in values], (
                name,
                group,
            )


@pytest.mark.parametrize(
    "table", ["marts.events", "marts.sessions", "marts.journeys", "marts.attribution", "marts.customer_devices"]
)
def test_a_day_later_facts_are_those_of_a_full_refresh(life: Life, table: str) -> None:
    rebuilt = life.next_day.rows(
        "select run_id, mode from intermediate.restated_runs where model_name = '"
        + table.split(".")[1]
        + "' order by recorded_at"
    )
    assert [mode for _, mode in rebuilt] == ["full", "increment", "increment"]
    assert differing_rows(life.next_day, life.refreshed, table) == (0, 0)


def test_linkage_beats_exact_identifiers(life: Life) -> None:
    judged = life.fresh.rows(f"select customer_id, person_id from {JUDGED} order by record_id")
    assert len(judged) > 2 * PEOPLE
    customers = np.unique([row[0] for row in judged], return_inverse=True)[1]
    people = np.unique([row[1] for row in judged], return_inverse=True)[1]
    kindred, exact = f1(customers, people), f1(components(life.fresh), people)
    print(f"F1 {kindred:.4f}, of exact identifiers {exact:.4f}")
    assert kindred > exact
    assert kindred >= 0.90


def test_consent_status_at_the_time_of_the_build_is_the_status(bench: Bench, life: Life, tmp_path: Path) -> None:
    asked = bench.compiled("{{ consent_status_at(as_of()) }}", tmp_path)
    differences = "select count(*) from ((from {0} except all from {1}) union all (from {1} except all from {0}))"
    assert life.fresh.value(differences.format("marts.consent_status", f"({asked})")) == 0


def test_predictions_are_judged_on_what_came_after(life: Life) -> None:
    """The mart says how good predictions are; these two are better than their baselines on every demo so far."""
    (value,) = life.fresh.rows(
        "select predicted_purchases, actual_purchases, is_purchase_better_than_baseline, missing_reason"
        " from marts.lifetime_value_evaluation where decile = 0"
    )
    predicted, actual, is_better, missing_reason = value
    assert missing_reason is None
    assert is_better
    assert 0.6 < float(predicted) / actual < 1.6
    assert life.fresh.value("select is_better_than_baseline from marts.churn_evaluation where decile = 0")
    assert (
        life.fresh.value(
            "select count(*) from marts.customer_lifetime_value where lifetime_value < 0 or probability_alive not between 0 and 1"
        )
        == 0
    )


def test_published_forecast_is_the_better_one(life: Life) -> None:
    wrong = (
        "select count(*) from marts.sales_forecast inner join marts.sales_forecast_evaluation as judged using (period, currency)"
        " where method <> case when judged.model_error < judged.baseline_error then 'ets' else 'seasonal_naive' end"
    )
    assert life.fresh.value(wrong) == 0


def test_nobody_is_suggested_what_they_have(life: Life) -> None:
    owned = (
        "select count(*) from marts.customer_next_products as suggested"
        " inner join (select distinct product_id, product_group_id from intermediate.int_customer_products) as groups using (product_id)"
        " inner join intermediate.int_customer_products as owned using (customer_id, product_group_id)"
    )
    assert life.fresh.value(owned) == 0


# Clear values by which somebody in the demo would be known: in no masked view, and in no column that is not labelled.
# Ids of customers and of their records, and what is made of them, stand wherever a row is somebody's.
KEYS_OF_PEOPLE = frozenset({"customer_id", "record_id"})
KNOWN_BY = """
    select distinct lower(trim(value)) as value from (
        select unnest([email, phone, secondary_phone, street_address, full_name, record_id]) as value from identity.identity_records
        union all select unnest([email, phone, street_address, full_name]) from marts.customers
        union all select customer_id from marts.customers
        union all select identifier from marts.customer_devices
        union all select identifier_value from marts.customer_identifiers
    ) where length(value) >= 9
"""


def text_columns(run: Run, schemas: str) -> list[tuple[str, str, list[str]]]:
    """Schema, table and text columns of everything in some schemas."""
    rows: list[tuple[str, str, list[str]]] = run.rows(
        "select table_schema, table_name, list(column_name order by ordinal_position) from information_schema.columns"
        f" where data_type = 'VARCHAR' and table_schema in ({schemas}) group by all order by all"
    )
    return rows


def columns_with_known_values(run: Run, schemas: str) -> dict[tuple[str, str, str], int]:
    """How many clear values stand in each text column of some schemas; columns without any are left out."""
    found = {}
    with duckdb.connect(str(run.database), read_only=True) as connection:
        connection.execute(f"create temp table known_by as {KNOWN_BY}")
        for schema, table, names in text_columns(run, schemas):
            counts = ", ".join(f'count(*) filter (lower("{name}") in (select value from known_by))' for name in names)
            row = connection.execute(f'select {counts} from "{schema}"."{table}"').fetchall()[0]
            found.update({(schema, table, name): count for name, count in zip(names, row, strict=True) if count})
    return found


def test_masked_views_hold_nobodys_clear_values(life: Life) -> None:
    """Every public mart has a masked view; companies are named, but no person is."""
    run = life.fresh
    views = {name for (name,) in run.rows("select view_name from duckdb_views() where schema_name = 'masked'")}
    assert {"customers", "customer_identifiers", "orders", "consent_events", "activation_email_state"} <= views
    assert {key: n for key, n in columns_with_known_values(run, "'masked'").items() if key[2] != "account_name"} == {}
    # They are of use all the same: as many rows, customers that can be joined, and something of what is masked.
    assert run.value("select count(*) from masked.customers") == run.value("select count(*) from marts.customers")
    joined = "select count(*) from {0}.orders as orders inner join {0}.customers as customers using (customer_id)"
    assert run.value(joined.format("masked")) == run.value(joined.format("marts")) > 0
    assert run.value(
        "select bool_and(email like '_***@***.%') and bool_and(phone like '***__')"
        " and bool_and(birth_date = date_trunc('year', birth_date)) and count(email) > 0"
        " and count(phone) > 0 and count(birth_date) > 0 and count(street_address) = 0 from masked.customers"
    )
    # A personal column that no rule of masking names is empty.
    assert run.value("select count(text_content) from marts.feedback") > 0
    assert run.value("select count(text_content) from masked.feedback") == 0


def test_columns_with_personal_values_are_labelled(life: Life, bench: Bench) -> None:
    """Whatever the columns are called: where people of the demo stand in clear, the inventory knows it."""
    manifest = read_manifest(Path(bench.options(None)[1]) / "manifest.json")
    names = {(node["schema"], node["alias"]): node["name"] for node in manifest["nodes"].values() if "alias" in node}
    purposes = read_purposes(PROJECT / "seeds" / "purposes.csv")
    described = {(column.model, column.name): column for column in columns(manifest, purposes)}
    unlabelled = []
    schemas = "'staging', 'identity', 'intermediate', 'marts', 'activation', 'governance'"
    for (schema, table, name), count in columns_with_known_values(life.fresh, schemas).items():
        model = names[schema, table]
        column = described.get((model, name))
        is_known = column.is_personal if column and column.pii else class_by_name(model, name)
        # A trader's own number is the company's, too.
        is_of_company = table.startswith(("accounts", "int_account_")) and name in ("phone", "attribute_value")
        if not is_known and name not in KEYS_OF_PEOPLE and not is_of_company:
            unlabelled.append((schema, table, name, count))
    assert unlabelled == [], unlabelled


def test_large_tables_are_in_the_order_they_are_looked_up_by(life: Life, bench: Bench) -> None:
    """As a full build writes them: each row's value of the column that `cluster_by` names is no less than the one before; nulls last."""
    manifest = json.loads((Path(bench.options(None)[1]) / "manifest.json").read_text(encoding="utf-8"))
    clustered = {
        f"{node['schema']}.{node['alias']}": node["config"]["cluster_by"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"].get("cluster_by")
    }
    assert {"marts.customer_attributes", "marts.events", "staging.stg_distinct_emails"} <= set(clustered)
    unordered = {
        table: life.fresh.value(
            f"select count(*) from (select {column} as value, lag({column}) over (order by rowid) as previous,"
            f" row_number() over (order by rowid) as position from {table})"
            " where value < previous or (previous is null and value is not null and position > 1)"
        )
        for table, column in clustered.items()
    }
    assert {table: count for table, count in unordered.items() if count} == {}


def test_what_a_contract_says_is_never_null_the_engine_refuses(life: Life, bench: Bench) -> None:
    """In tables of a build from nothing and in those that an increment and a full refresh leave."""
    manifest = json.loads((Path(bench.options(None)[1]) / "manifest.json").read_text(encoding="utf-8"))
    promised = {
        (node["schema"], node["alias"], column["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view"
        for column in node["columns"].values()
        if any(constraint["type"] == "not_null" for constraint in column["constraints"])
    }
    assert ("marts", "customers", "customer_id") in promised
    for run in (life.fresh, life.next_day, life.refreshed):
        kept = set(
            run.rows(
                "select schema_name, table_name, constraint_column_names[1] from duckdb_constraints()"
                " where constraint_type = 'NOT NULL'"
            )
        )
        assert promised - kept == set()
