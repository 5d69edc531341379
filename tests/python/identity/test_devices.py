"""Devices at a time, judged against the known users of the demo's devices."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.python.acceptance.bench import NO_UNIT_TESTS, PROJECT, Bench, Run

PEOPLE = 1_500
# Anonymous events with the person who used the device then, and the person whom most records of the given customer are of.
JUDGED = """
    with people as (
        select customer_id, mode(person_id order by person_id) as person_id
        from identity.customer_ids inner join staging.stg_truth__person_records using (record_id)
        group by customer_id
    ),
    events as (
        select anonymous_id, customer_id, occurred_at from intermediate.int_web_events where user_id is null
    )
    select
        events.customer_id is not null as is_attributed,
        devices.person_id in (select person_id from people) as is_known,
        coalesce(people.person_id = devices.person_id, false) as is_right,
        owned.identifier is not null as has_login
    from events
    inner join staging.stg_truth__devices as devices
        on
            events.anonymous_id = devices.anonymous_id
            and events.occurred_at >= date_trunc('second', devices.valid_from)
            and (devices.valid_to is null or events.occurred_at < devices.valid_to)
    left join people using (customer_id)
    left join (select distinct identifier from marts.customer_devices where identifier_type = 'anonymous_id') as owned
        on events.anonymous_id = owned.identifier
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The devices of demo data, and all they depend on."""
    folder = tmp_path_factory.mktemp("devices")
    (folder / "bench").mkdir()
    command = [sys.executable, "-m", "python_udfs.demo", "--people", str(PEOPLE), "--seed", "11"]
    subprocess.run([*command, "--out", str(folder / "raw")], cwd=PROJECT, check=True, capture_output=True)
    wanted = (
        "+int_web_events",
        "+device_coverage",
        "+customer_devices",
        "+stg_truth__devices",
        "+stg_truth__person_records",
    )
    selection = ("--select", *wanted, "--indirect-selection", "cautious")
    return Bench(folder / "bench").build(folder / "raw", folder / "kindred.duckdb", *NO_UNIT_TESTS, *selection)


def test_anonymous_events_go_to_who_used_the_device(built: Run) -> None:
    judged, attributed, right, known, near = built.rows(
        "select count(*), count(*) filter (is_attributed), count(*) filter (is_attributed and is_right),"
        f" count(*) filter (is_known), count(*) filter (has_login) from ({JUDGED})"
    )[0]
    precision = right / attributed
    print(
        f"\n{judged} anonymous events, {attributed} given to a customer: precision {precision:.4f},"
        f" recall {right / known:.3f} of people known at all, {right / near:.3f} of devices with a login"
    )
    assert attributed > 500
    assert precision >= 0.98


def test_every_device_is_counted(built: Run) -> None:
    counted = dict(
        built.rows(
            "select device_status, device_count from marts.device_coverage where identifier_type = 'anonymous_id'"
        )
    )
    seen = built.value(
        "select count(distinct anonymous_id) from ("
        + " union all ".join(
            f"select anonymous_id from staging.{table}"
            for table in (
                "stg_segment__identifies",
                "stg_segment__tracks",
                "stg_segment__pages",
                "stg_consent__banner_events",
            )
        )
        + ")"
    )
    owned = built.value(
        "select count(distinct identifier) from marts.customer_devices where identifier_type = 'anonymous_id'"
    )
    assert sum(counted.values()) == seen
    assert counted["nobody logged in"] == seen - owned > 0


def test_shared_device_gives_its_anonymous_events_to_nobody(built: Run) -> None:
    shared = "select identifier from marts.customer_devices where identifier_type = 'anonymous_id' and is_shared"
    assert built.value(f"select count(*) from ({shared})") > 0
    given = f"from intermediate.int_web_events where anonymous_id in ({shared})"
    assert built.value(f"select count(customer_id) {given} and user_id is null") == 0
    assert built.value(f"select count(customer_id) {given} and user_id is not null") > 0


def test_signed_in_events_are_those_of_the_account(built: Run) -> None:
    wrong = built.rows(
        """
        select events.event_id
        from intermediate.int_web_events as events
        inner join identity.customer_ids as ids on 'segment:user:' || events.user_id = ids.record_id
        where events.customer_id is distinct from ids.customer_id
        """
    )
    assert wrong == []
