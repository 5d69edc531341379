"""A day after the base: only what is new or changed, with ids that stay."""

from __future__ import annotations

import numpy as np
import pytest

from python_udfs.demo.arrays import DAY
from python_udfs.demo.population import Window
from python_udfs.demo.web import _stamps

RECORDS = [
    ("shopify.customer", "id", "updated_at"),
    ("hubspot.contact", "id", "property_lastmodifieddate"),
    ("klaviyo.person", "id", "updated"),
    ("pos.member", "member_id", "updated_at"),
    ("zendesk.user", "id", "updated_at"),
]
EVENTS = [
    ("segment.tracks", "id", "received_at"),
    ("segment.pages", "id", "received_at"),
    ("consent.preference_event", "event_id", "received_at"),
    ("consent.banner_event", "event_id", "received_at"),
    ("pos.receipt", "receipt_id", "sold_at"),
]


@pytest.mark.parametrize(("table", "key", "updated"), RECORDS)
def test_records_of_a_day_are_new_or_newer(world, table, key, updated):
    low, high, count = world.rows(f"select min({updated}), max({updated}), count(*) from {{{table}@1}}")[0]
    assert str(low) >= "2026-07-01" and str(high) < "2026-07-02"
    known = world.value(
        f"select count(distinct {key}) from {{{table}@1}} where {key} in (select {key} from {{{table}}})"
    )
    assert 0 < known <= count
    base = world.value(f"select count(distinct {key}) from {{{table}}}")
    assert known < 0.03 * base + 3


@pytest.mark.parametrize(("table", "key", "updated"), RECORDS)
def test_changed_records_differ_from_the_base(world, table, key, updated):
    same = world.rows(f"select * from {{{table}@1}} intersect select * from {{{table}}}")
    assert same == []
    assert world.value(f"select count(*) - count(distinct {key}) from {{{table}@1}}") == 0


@pytest.mark.parametrize(("table", "key", "at"), EVENTS)
def test_events_of_a_day_have_new_ids_and_arrive_on_it(world, table, key, at):
    low, high = world.rows(f"select min({at}), max({at}) from {{{table}@1}}")[0]
    assert str(low) >= "2026-07-01" and str(high) < "2026-07-02"
    assert world.value(f"select count(*) from {{{table}@1}} where {key} in (select {key} from {{{table}}})") == 0
    assert world.value(f"select count(*) from {{{table}@1}} where {key} in (select {key} from {{{table}@2}})") == 0


def test_truth_of_a_day_is_new_and_covers_its_new_records(world):
    assert (
        world.value(
            "select count(*) from {truth.person_record@1} where record_id in (select record_id "
            "from {truth.person_record})"
        )
        == 0
    )
    assert (
        world.value(
            "select count(*) from {truth.person_record@2} where record_id in (select record_id "
            "from {truth.person_record@1})"
        )
        == 0
    )
    both = "(select * from {truth.person_record} union all select * from {truth.person_record@1})"
    for entity, query in {
        "shopify:customer": "select id::varchar from {shopify.customer@1} union select customer_id::varchar "
        "from {shopify.order@1} where customer_id is not null",
        "shopify:order": "select id::varchar from {shopify.order@1} where customer_id is null "
        "and (email is not null or phone is not null)",
        "segment:user": "select coalesce(user_id, anonymous_id) from {segment.identifies@1}",
        "pos:member": "select member_id from {pos.member@1}",
        "hubspot:contact": "select id::varchar from {hubspot.contact@1}",
    }.items():
        assert (
            world.rows(f"select i from ({query}) as s (i) where '{entity}:' || i not in (select record_id from {both})")
            == []
        ), entity
    assert (
        world.value(
            f"select count(*) from {both} where person_id not in (select person_id from {{truth.person}} "
            f"union all select person_id from {{truth.person@1}})"
        )
        == 0
    )


def test_a_day_brings_newcomers_in_proportion(world):
    assert world.value("select count(*) from {truth.person@1}") == 3
    assert (
        world.value("select count(*) from {truth.person@1} where person_id in (select person_id from {truth.person})")
        == 0
    )


def test_orders_of_a_day_add_up_and_belong_to_known_customers(world):
    new = "{shopify.order@1} where id not in (select id from {shopify.order})"
    wrong = f"""select o.id from (select * from {new}) as o
        left join (select order_id, sum(price * quantity - total_discount) as amount
        from {{shopify.order_line@1}} group by 1) as l
        on l.order_id = o.id where l.amount is distinct from o.total_price"""
    assert world.rows(wrong) == []
    strangers = (
        f"select count(*) from (select * from {new}) where customer_id is not null "
        f"and customer_id not in (select id from {{shopify.customer}} union all select id "
        f"from {{shopify.customer@1}})"
    )
    assert world.value(strangers) == 0


@pytest.mark.parametrize("day", [0, 1])
def test_late_events_arrive_inside_the_window(day):
    """In the base they happen in it and arrive in it; on a day some of them happened on the days before."""
    window = Window(1_000 * DAY, 1_001 * DAY, day)
    at = np.arange(window.start, window.end, 7)
    columns = _stamps(np.random.default_rng(1), at, window)
    happened, received = (columns[name].cast("int64").to_numpy() / 1e6 for name in ("timestamp", "received_at"))
    assert (received >= window.start).all() and (received < window.end).all()
    assert ((happened < window.start).mean() > 0.01) == (day > 0)
    assert 0.005 < (received - happened > 1_200).mean() < 0.03


def test_what_a_day_changed_is_still_there_on_a_later_day(world):
    again = world.rows(
        "select a.id, a.phone, b.phone from {shopify.customer@1} as a join {shopify.customer@2} as b using (id)"
    )
    assert all(second is not None or first is None for _, first, second in again)
