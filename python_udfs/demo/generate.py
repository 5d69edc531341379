"""Puts the parts together: blocks of people, the base and the days after it, the truth."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo import (
    catalogue,
    company_records,
    consent,
    crm,
    loyalty,
    marketing,
    opinions,
    pipeline,
    pools,
    purchases,
    shop,
    support,
    survey,
    web,
)
from python_udfs.demo.accounts import Membership, open_accounts
from python_udfs.demo.arrays import DAY, Ints, Rng, Text, dates, digits, join, to_text
from python_udfs.demo.changes import changed_orders, changed_records
from python_udfs.demo.contact import render_phones
from python_udfs.demo.devices import Devices, device_segments, make_devices, new_forms, new_users, truth_devices
from python_udfs.demo.identity import country_codes, family_text
from python_udfs.demo.population import Block, Population, Window, make_population
from python_udfs.demo.purchases import Buying
from python_udfs.demo.writer import RawWriter, remove_stale, table_of

BLOCK = 100_000
HISTORY_DAYS = 910
NEW_BLOCK = 999  # numbers of the blocks of people who are new on a day go down from here
Tables = dict[str, pa.Table]


@dataclass(frozen=True)
class Request:
    """What to generate; `day` 0 is the base, K >= 1 what is new or changed on the K-th day after it."""

    people: int
    seed: int
    out: Path
    until: datetime.date = datetime.date(2026, 6, 30)
    day: int = 0

    def window(self) -> Window:
        """The base: 910 days up to and including `until`; a day: that day."""
        end = (self.until - datetime.date(1970, 1, 1)).days * DAY + DAY
        start = end - HISTORY_DAYS * DAY
        if self.day == 0:
            return Window(start, end)
        return Window(end + (self.day - 1) * DAY, end + self.day * DAY, self.day, start)

    def base_window(self) -> Window:
        """The window of the base run."""
        return Request(self.people, self.seed, self.out, self.until).window()


@dataclass(frozen=True)
class World:
    """A block of people and everything about them that does not depend on the window."""

    pop: Population
    members: Membership
    habits: Buying
    devices: Devices


def stream(request: Request, block: Block, stage: int, day: int) -> Rng:
    """Random numbers of one stage; independent of how much the other stages draw."""
    return np.random.default_rng(np.random.SeedSequence([request.seed, block.number, block.day, stage, day]))


def blocks(people: int) -> Iterator[Block]:
    """Cut the people into blocks."""
    number = -(-people // BLOCK)
    for at in range(number):
        yield Block(at * BLOCK, min(BLOCK, people - at * BLOCK), at, number)


def make_world(request: Request, block: Block, window: Window) -> World:
    """The people of a block and their accounts, the same on every day."""
    pop = make_population(stream(request, block, 1, 0), block, window)
    members = open_accounts(stream(request, block, 2, 0), pop, window)
    habits = purchases.buying_habits(stream(request, block, 3, 0), pop, members)
    return World(pop, members, habits, make_devices(stream(request, block, 4, 0), pop, members, window))


def person_ids(pop: Population) -> Text:
    """Truth ids of the people of a block."""
    return join("p", digits(pop.number, 9))


def event_tables(request: Request, world: World, window: Window) -> Iterator[Tables]:
    """Everything that happens in the window."""
    pop, members, habits, devices = world.pop, world.members, world.habits, world.devices
    block = pop.block

    def rng(stage: int) -> Rng:
        return stream(request, block, stage, window.day)

    on_web, at_till = purchases.draw_sales(rng(10), pop, members, habits, window)
    orders, tables = shop.place_orders(rng(11), pop, members, on_web, window)
    guests = np.flatnonzero(orders.guest_identity)
    lost = (
        np.unique(orders.account[(orders.account >= 0) & members.shop_lost[np.maximum(orders.account, 0)]])
        if len(members.shop)
        else np.zeros(0, dtype=np.int64)
    )
    truth = [_truth(join("shopify:order:", to_text(on_web.ids[guests])), pop, on_web.who[guests])]
    truth.append(
        _truth(join("shopify:customer:", to_text(members.shop.number[lost])), pop, members.shop.who[lost])
        if window.day == block.day
        else truth[0].slice(0, 0)
    )
    yield {**tables, "truth.person_record": pa.concat_tables(truth)}
    if window.day == block.day:
        customers, _ = shop.customer_tables(rng(12), pop, members, orders, window)
        yield customers
    yield shop.abandoned_checkouts(rng(13), pop, members, window)
    yield loyalty.receipt_tables(rng(14), pop, members, at_till, window)
    yield support.tickets(rng(15), pop, members, window)
    yield marketing.klaviyo_events(rng(16), pop, members, window)
    answers, who, known = survey.surveys(rng(17), pop, members, habits, window)
    rows = np.flatnonzero(known)
    yield {
        **answers,
        "truth.person_record": _truth(
            join("survey:response:", answers["survey.response"]["response_id"].take(pa.array(rows))), pop, who[rows]
        ),
    }
    visits = web.web_tables(rng(18), pop, members, habits, devices, orders, window)
    yield {**visits, "truth.person_record": _segment_truth(world, window)}
    yield device_segments(rng(19), pop, devices, window)
    yield consent.banner_events(rng(20), pop, members, devices, window)
    yield consent.preference_events(rng(21), pop, members, window)
    yield opinions.opinions(rng(22), pop, members, habits, window)


def _truth(record_ids: Text, pop: Population, who: Ints) -> pa.Table:
    return table_of("truth.person_record", {"record_id": record_ids, "person_id": person_ids(pop).take(pa.array(who))})


def _segment_truth(world: World, window: Window) -> pa.Table:
    """Users by user_id, and devices whose owner left an address without one."""
    pop, members, devices = world.pop, world.members, world.devices
    users, forms = new_users(devices, window), new_forms(devices, window)
    account = members.shop.first_of(pop.count)[users]
    number = members.shop.number[account] if len(members.shop) else users[:0]
    return pa.concat_tables(
        [
            _truth(join("segment:user:", to_text(number)), pop, users),
            _truth(join("segment:user:", devices.anonymous_id.take(pa.array(forms))), pop, devices.owner[forms]),
        ]
    )


def record_tables(request: Request, world: World, window: Window) -> Iterator[Tables]:
    """Person records of the systems other than the shop, with companies and the truth about the block."""
    pop, members = world.pop, world.members

    def rng(stage: int) -> Rng:
        return stream(request, pop.block, stage, 0)

    hub, merged = crm.hubspot_tables(rng(30), pop, members, window)
    yield hub
    yield company_records.company_tables(rng(31), pop.companies, pop.block, window)
    yield crm.salesforce_tables(rng(32), pop, members, window)
    yield pipeline.pipeline_tables(rng(36), pop, members, window)
    yield support.zendesk_users(rng(33), pop, members, window)
    yield marketing.klaviyo_people(rng(34), pop, members)
    yield loyalty.member_table(rng(35), pop, members, window)
    shop_rows, hub_rows = np.flatnonzero(~members.shop_lost), np.flatnonzero(~merged)
    parts = [
        _truth(join("shopify:customer:", to_text(members.shop.number[shop_rows])), pop, members.shop.who[shop_rows]),
        _truth(join("hubspot:contact:", to_text(members.hubspot.number[hub_rows])), pop, members.hubspot.who[hub_rows]),
        _truth(join("salesforce:contact:", crm.contact_ids(members)), pop, members.sf_contact.who),
        _truth(join("salesforce:lead:", crm.lead_ids(members)), pop, members.sf_lead.who),
        _truth(join("zendesk:user:", to_text(members.zendesk.number)), pop, members.zendesk.who),
        _truth(join("klaviyo:person:", marketing.klaviyo_ids(members)), pop, members.klaviyo.who),
        _truth(join("pos:member:", loyalty.member_ids(members)), pop, members.member.who),
    ]
    yield {
        "truth.person_record": pa.concat_tables(parts),
        "truth.person": truth_people(pop),
        **truth_devices(pop, world.devices, person_ids(pop)),
    }


def truth_people(pop: Population) -> pa.Table:
    """What is true of each person: present names, own address."""
    everyone = np.arange(pop.count)
    native = np.ones(pop.count, dtype=bool)
    names = pools.name_pools()
    family = family_text(pop, everyone, pop.family, native)
    both = join(family, family_text(pop, everyone, pop.family2, native), separator=" ")
    return table_of(
        "truth.person",
        {
            "person_id": person_ids(pop),
            "household_id": join("h", digits(pop.block.first + np.searchsorted(pop.household, pop.household), 9)),
            "birth_date": dates(pop.birth_date),
            "given_name": names.given.take(pa.array(pop.given)),
            "family_name": pc.coalesce(both, family),
            "country": country_codes(pop.country),
            "email": pop.email,
            "phone": render_phones(pop.mobile, pop.country, np.zeros(pop.count, dtype=np.int64)),
        },
    )


def new_people(request: Request, day: int) -> Block:
    """The block of people who are new on a day: one in a thousand."""
    count = max(1, request.people // 1_000)
    return Block(500_000_000 + (day - 1) * 50_000, count, NEW_BLOCK - day % 400, 1_000_000, day)


def day_tables(request: Request, block: Block, window: Window) -> Iterator[Tables]:
    """What day K brings of the people of one block of the base: events, and changed records and orders."""
    base = request.base_window()
    world = make_world(request, block, base)
    pop, members = world.pop, world.members
    yield from event_tables(request, world, window)
    old: Tables = {}
    for tables in record_tables(request, world, base):
        old.update(tables)
    on_web, _ = purchases.draw_sales(stream(request, block, 10, 0), pop, members, world.habits, base)
    orders, tables = shop.place_orders(stream(request, block, 11, 0), pop, members, on_web, base)
    old.update(tables)
    old.update(shop.customer_tables(stream(request, block, 12, 0), pop, members, orders, base)[0])

    def rng(stage: int, day: int) -> Rng:
        return stream(request, block, stage, day)

    yield changed_records(rng, pop, members, old, window)
    yield changed_orders(rng, pop, orders, old, window)


def newcomer_tables(request: Request, window: Window) -> Iterator[Tables]:
    """People who are new on day K, and what those of the days before it (up to sixty) do on it."""
    for day in range(max(1, window.day - 60), window.day + 1):
        at = Request(request.people, request.seed, request.out, request.until, day).window()
        world = make_world(request, new_people(request, day), at)
        if day == window.day:
            yield from record_tables(request, world, at)
        yield from event_tables(request, world, window)


def generate(request: Request, progress: Callable[[int, int], None] = lambda done, total: None) -> dict[str, int]:
    """Write the tables; returns rows by table. `progress(done, total)` is told after each block."""
    window = request.window()
    remove_stale(request.out, request.day)
    suffix = "" if request.day == 0 else f".day{request.day:04d}"
    with RawWriter(request.out, suffix) as writer:
        everyone = list(blocks(request.people))
        if request.day == 0:
            writer.add("pos.store", table_of("pos.store", catalogue.store_table(window)))
            for name, columns in catalogue.product_tables(window).items():
                writer.add(name, table_of(name, columns))
            writer.add("zendesk.user", support.staff_rows(window))
        _add(writer, marketing.campaign_tables(window), request.day)
        for done, block in enumerate(everyone):
            if request.day == 0:
                world = make_world(request, block, window)
                groups = chain(record_tables(request, world, window), event_tables(request, world, window))
            else:
                groups = chain(day_tables(request, block, window))
            for tables in groups:
                _add(writer, tables, request.day)
            progress(done + 1, len(everyone))
        if request.day:
            for tables in newcomer_tables(request, window):
                _add(writer, tables, request.day)
    return dict(sorted(writer.rows.items()))


def _add(writer: RawWriter, tables: Tables, day: int) -> None:
    """Hand tables to the writer; on a day, tables without rows make no file."""
    for name, table in tables.items():
        if day == 0 or table.num_rows:
            writer.add(name, table)
