"""Increments of the facts on behavior give the tables of a full build, and rewrite only what they must; by the project's own dbt.

What comes before them (customers, identifiers, logins with traits, members) is written by hand, so that merges are what the test says.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.acceptance.bench import DBT, SOURCES, Bench, Run, disabled

VARIABLES: dict[str, Any] = {
    **disabled(*(source for source in SOURCES if source not in ("segment", "klaviyo", "pos"))),
    "as_of": "2026-02-01 00:00:00",
}
RESTATED = {
    "stg_segment__tracks": "staging",
    "stg_segment__pages": "staging",
    "stg_klaviyo__events": "staging",
    "stg_pos__receipts": "staging",
    "int_sole_identifiers": "intermediate",
    "int_record_customers": "intermediate",
    "customer_devices": "marts",
    "orders": "marts",
    "events": "marts",
    "sessions": "marts",
    "journeys": "marts",
    "attribution": "marts",
}
OTHERS = (
    "stg_klaviyo__campaigns",
    "stg_klaviyo__metrics",
    "stg_pos__receipt_lines",
    "int_device_events",
    "device_logins",
    "int_pos_orders",
    "int_web_events",
)
CUSTOMERS = 30
START = datetime(2026, 1, 5)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return START + timedelta(days=day, hours=hour, minutes=minute)


Row = tuple[Any, ...]


@dataclass
class World:
    """What sources and linkage say on a day: raw rows by id, and the customer of every record."""

    pages: dict[str, Row] = field(default_factory=dict)
    tracks: dict[str, Row] = field(default_factory=dict)
    emails: dict[str, Row] = field(default_factory=dict)
    receipts: dict[str, Row] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=lambda: {"spring": "Spring", "sale": "Sale"})
    customers: dict[str, str] = field(default_factory=dict)

    def page(self, key: str, browser: str, time: datetime, user: str | None = None, path: str = "/") -> None:
        self.pages[key] = (key, browser, user, path, "https://shop.example" + path, time, time + timedelta(seconds=2))

    def copy(self) -> World:
        return replace(self, **{name: dict(value) for name, value in vars(self).items()})

    def write(self, raw: Path) -> None:
        tables = {
            "segment/pages": (
                "id text, anonymous_id text, user_id text, path text, url text, timestamp timestamp, received_at timestamp",
                list(self.pages.values()),
            ),
            "segment/tracks": (
                "id text, anonymous_id text, user_id text, event text, context_campaign_medium text, timestamp timestamp,"
                " received_at timestamp",
                list(self.tracks.values()),
            ),
            "klaviyo/event": (
                "id text, person_id text, campaign_id text, type text, datetime timestamp",
                list(self.emails.values()),
            ),
            "klaviyo/campaign": ("id text, name text", list(self.campaigns.items())),
            "pos/receipt": (
                "receipt_id text, card_number text, sold_at timestamp, currency text, total_amount decimal(18, 2),"
                " returned_receipt_id text, loaded_at timestamp",
                list(self.receipts.values()),
            ),
            "pos/member": (
                "member_id text, card_number text, updated_at timestamp",
                [(f"{n}", f"card{n}", None) for n in range(CUSTOMERS)],
            ),
            "pos/receipt_line": ("receipt_id text, line_number bigint, quantity bigint, unit_price decimal(18, 2)", []),
        }
        with duckdb.connect() as connection:
            for name, (columns, rows) in tables.items():
                path = raw / f"{name}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                connection.execute(f"create or replace table written ({columns})")
                if rows:
                    connection.executemany(f"insert into written values ({', '.join('?' * len(rows[0]))})", rows)
                connection.execute(f"copy written to '{path}'")

    def link(self, database: Path) -> None:
        """What the linkage publishes, and the staged tables that need dictionaries of values."""
        people = range(CUSTOMERS)
        with duckdb.connect(str(database)) as connection:
            for schema in ("identity", "staging"):
                connection.execute(f"create schema if not exists {schema}")
            connection.execute("create or replace table identity.customer_ids (record_id text, customer_id text)")
            connection.executemany("insert into identity.customer_ids values (?, ?)", list(self.customers.items()))
            connection.execute(
                "create or replace table identity.identity_record_identifiers"
                " (record_id text, identifier_type text, identifier_value text)"
            )
            connection.executemany(
                "insert into identity.identity_record_identifiers values (?, 'user_id', ?)",
                [(f"segment:user:u{n}", f"u{n}") for n in people],
            )
            connection.execute(
                "create or replace table staging.stg_segment__identifies (anonymous_id text, device_id text, user_id text,"
                " email text, phone text, occurred_at timestamp, received_at timestamp)"
            )
            connection.execute(
                "create or replace table staging.stg_pos__members (source_record_id text, record_id text)"
            )
            connection.executemany(
                "insert into staging.stg_pos__members values (?, ?)", [(f"{n}", f"pos:member:{n}") for n in people]
            )


def base() -> World:
    """Thirty customers who browse, get mail and buy; and what the days after will change."""
    draw = random.Random(3)
    world = World()
    for n in range(CUSTOMERS):
        for record in ("segment:user:u", "klaviyo:person:", "pos:member:"):
            world.customers[f"{record}{n}"] = f"c{n:02d}"
        for visit in range(draw.randrange(2, 6)):
            begun = at(draw.randrange(10), draw.randrange(6, 22), draw.randrange(60))
            for step in range(draw.randrange(1, 5)):
                time = begun + timedelta(minutes=draw.randrange(0, 40) + 10 * step)
                user = f"u{n}" if draw.random() < 0.3 else None
                world.page(f"p{n}-{visit}-{step}", f"browser{n}", time, user, f"/{draw.randrange(9)}")
            key = f"t{n}-{visit}"
            medium = draw.choice([None, "cpc", "email"])
            world.tracks[key] = (key, f"browser{n}", None, "Product Viewed", medium, begun, begun)
        for mail in range(3):
            sent = at(draw.randrange(10), draw.randrange(24))
            kind = draw.choice(["Received Email", "Clicked Email"])
            world.emails[f"m{n}-{mail}"] = (f"m{n}-{mail}", str(n), draw.choice(["spring", "sale"]), kind, sent)
        for buy in range(draw.randrange(3)):
            sold = at(draw.randrange(2, 12), draw.randrange(24))
            amount = draw.randrange(500, 9000) / 100
            world.receipts[f"r{n}-{buy}"] = (f"r{n}-{buy}", f"card{n}", sold, "EUR", amount, None, sold)
    # The browser of a family, used by 1 until noon; that 2 signed in at noon is not known yet.
    world.page("family-1", "family", at(20, 8), "u1")
    world.page("family-2", "family", at(20, 10))
    world.page("family-3", "family", at(20, 13))
    # Two visits of an unknown browser; its user is not known yet, nor what happened between them.
    world.page("late-1", "late", at(20, 10), path="/in")
    world.page("late-3", "late", at(20, 10, 50), path="/out")
    world.receipts["sale"] = ("sale", "card9", at(21, 9), "EUR", 100, None, at(21, 9))
    world.page("nine", "browser9", at(21, 8), "u9")
    return world


def first(world: World) -> World:
    """Late events: who signed in at noon, and what joins two visits. A page is corrected by a later version of its row."""
    day = world.copy()
    day.page("family-noon", "family", at(20, 12), "u2")
    day.page("late-2", "late", at(20, 10, 25), path="/between")
    corrected = day.pages["nine"]
    day.pages["nine, again"] = (*corrected[:3], "/corrected", *corrected[4:6], at(22, 0))
    return day


def second(world: World) -> World:
    """The user of the unknown browser signs in later; rows are deleted; what was bought is brought back."""
    day = world.copy()
    day.page("late-login", "late", at(23, 9), "u4")
    for key in ("p7-0-0", "family-2"):
        del day.pages[key]
    del day.tracks["t8-0"]
    del day.emails["m8-0"]
    day.receipts["back"] = ("back", "card9", at(23, 9), "EUR", -40, "sale", at(23, 9))
    return day


def third(world: World) -> World:
    """It turns out that two customers are one, and a campaign gets another name."""
    day = world.copy()
    day.customers.update({record: "c20" for record, customer in day.customers.items() if customer == "c21"})
    day.campaigns["sale"] = "Winter sale"
    return day


@dataclass(frozen=True)
class Days:
    """The database after each day, and after a build on the last day's data in which everything was made anew."""

    increments: dict[str, Run]
    anew: Run


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    folder = tmp_path_factory.mktemp("restated")
    bench = Bench(tmp_path_factory.mktemp("bench"))
    raw, database = folder / "raw", folder / "kindred.duckdb"
    worlds = {"base": base()}
    for name, change in (("first", first), ("second", second), ("third", third), ("empty", World.copy)):
        worlds[name] = change(list(worlds.values())[-1])

    def run(world: World, path: Path) -> Run:
        world.write(raw)
        world.link(path)
        done = bench.run((*DBT[:-1], "run", "--select", *RESTATED, *OTHERS), raw, path, variables=VARIABLES)
        assert done.returncode == 0, done.output
        return done

    increments = {name: run(world, database).snapshot(name) for name, world in worlds.items()}
    broken = increments["second"].snapshot("broken")
    kept = "('sessions', 'journeys', 'attribution')"
    with duckdb.connect(str(broken.database)) as connection:
        connection.execute(f"delete from intermediate.restated_runs where model_name not in {kept}")
    return Days(increments, run(worlds["empty"], broken.database))


def work(run: Run) -> dict[str, tuple[str, int, int]]:
    """Of each model, how the last run built it: mode, rows removed and rows added."""
    query = """
        select model_name, mode, rows_removed, rows_added from intermediate.restated_runs
        where run_id = (select run_id from intermediate.restated_runs order by recorded_at desc limit 1)
    """
    return {row[0]: row[1:] for row in run.rows(query)}


@pytest.mark.parametrize("model", RESTATED)
def test_increments_equal_a_build_from_nothing(days: Days, model: str) -> None:
    assert work(days.anew)[model][0] == "full"
    assert all(work(days.increments[name])[model][0] == "increment" for name in ("first", "second", "third", "empty"))
    query = f"select * from {RESTATED[model]}.{model} order by all"
    rows = days.increments["empty"].rows(query)
    assert rows == days.anew.rows(query)
    assert rows


def test_what_missed_changes_is_built_whole(days: Days) -> None:
    """The run that made the events anew left no changes to follow: whatever rests on them cannot be restated."""
    reasons = dict(
        days.anew.rows(
            "select model_name, max_by(full_reason, recorded_at) from intermediate.restated_runs group by model_name"
        )
    )
    assert reasons["events"] == "not built before"
    assert reasons["sessions"] == "the changes of events are not known"


def test_device_is_whose_it_was_at_the_time(days: Days) -> None:
    query = "select event_id[14:], customer_id from marts.events where anonymous_id = 'family' order by all"
    assert days.increments["base"].rows(query) == [("family-1", "c01"), ("family-2", "c01"), ("family-3", "c01")]
    assert days.increments["first"].rows(query) == [
        ("family-1", "c01"),
        ("family-2", "c01"),
        ("family-3", "c02"),
        ("family-noon", "c02"),
    ]
    assert "family-2" not in dict(days.increments["second"].rows(query))


def test_late_event_joins_two_visits_and_a_late_login_names_their_visitor(days: Days) -> None:
    query = "select event_count, customer_id, landing_page_path from marts.sessions where visitor_id = 'browser:late' order by started_at"
    assert days.increments["base"].rows(query) == [(1, None, "/in"), (1, None, "/out")]
    assert days.increments["first"].rows(query) == [(3, None, "/in")]
    assert days.increments["second"].rows(query) == [(3, "c04", "/in"), (1, "c04", "/")]


def test_late_events_restate_their_visitors_alone(days: Days) -> None:
    done = work(days.increments["first"])
    # Two new events, the page that was corrected, and the one that was somebody else's.
    assert done["events"] == ("increment", 2, 4)
    # The visit to the corrected page; of the family one visit splits off; two of the unknown browser become one.
    assert done["sessions"][1] <= 5
    assert done["stg_segment__tracks"] == done["stg_klaviyo__events"] == ("increment", 0, 0)


def test_merge_restates_the_rows_of_the_customer_that_went(days: Days) -> None:
    before, after = days.increments["second"], days.increments["third"]
    moved = "(customer_id = 'c21' or campaign_name = 'Sale')"
    expected = before.value(f"select count(*) from marts.events where {moved}")
    assert work(after)["events"] == ("increment", expected, expected)
    visits = before.value("select count(*) from marts.sessions where customer_id = 'c21'")
    assert work(after)["sessions"] == ("increment", visits, visits)
    assert after.value("select count(*) from marts.events where customer_id = 'c21'") == 0
    assert work(after)["stg_segment__pages"] == ("increment", 0, 0)


def test_returned_money_takes_from_the_journey_of_its_sale(days: Days) -> None:
    query = (
        "select sum(attributed_revenue) from marts.attribution where attribution_model = 'linear' and order_id = '{}'"
    )
    second = days.increments["second"]
    assert second.value(query.format("pos:sale")) == 100
    assert second.value(query.format("pos:back")) == -40
    channels = (
        "select list(marketing_channel order by touchpoint_number) from marts.attribution"
        " where attribution_model = 'linear' and order_id = '{}'"
    )
    of_sale, of_return = (second.value(channels.format(order)) for order in ("pos:sale", "pos:back"))
    assert of_return == of_sale != ["none"]


def test_empty_day_rewrites_nothing(days: Days) -> None:
    done = work(days.increments["empty"])
    assert done.keys() == RESTATED.keys()
    assert set(done.values()) == {("increment", 0, 0)}
