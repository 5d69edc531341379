"""Consent: banner choices of devices and preference events of addresses, with conflicts and late ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from python_udfs.demo import places
from python_udfs.demo.accounts import KINDS, Membership, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Rng,
    Text,
    by_group,
    chance,
    constant,
    digits,
    join,
    null_where,
    pick,
    take,
    text,
    timestamps,
    to_text,
    where,
)
from python_udfs.demo.contact import render_phones
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.devices import Devices
from python_udfs.demo.identity import country_codes
from python_udfs.demo.population import Population, Window
from python_udfs.demo.tcf import EVERYTHING, core_string
from python_udfs.demo.writer import table_of

Tables = dict[str, pa.Table]
ACTIONS = ("accept_all", "reject_all", "custom", "withdraw")
_PURPOSES = (EVERYTHING, frozenset[int](), frozenset({1, 2, 7, 9}), frozenset[int]())
_GRANTED = {
    "ad_storage": (1, 0, 0, 0),
    "analytics_storage": (1, 0, 1, 0),
    "ad_user_data": (1, 0, 0, 0),
    "ad_personalization": (1, 0, 0, 0),
}


def _received(rng: Rng, at: Ints, window: Window) -> tuple[Ints, Ints]:
    """(event time, arrival): seconds later; one event in forty days later, so that newer ones came first.

    On a day after the base the late ones are those that happened on the days before.
    """
    late = chance(rng, 0.025, len(at))
    wait = (rng.random(len(at)) ** 2 * 20 * DAY).astype(np.int64) + 3_600
    soon = rng.integers(0, 5, len(at))
    if window.day:
        return at - np.where(late, wait, 0), at + soon
    return at, np.minimum(at + np.where(late, wait, soon), window.end - 1)


def _tc_strings(day: Ints, action: Ints, country: Ints) -> Text:
    """Consent strings; encoded once for each distinct day, choice and country."""
    codes, inverse = np.unique((day * len(ACTIONS) + action) * len(COUNTRIES) + country, return_inverse=True)
    made = []
    for code in codes.tolist():
        place = COUNTRIES[code % len(COUNTRIES)]
        choice = code // len(COUNTRIES) % len(ACTIONS)
        made.append(core_string(code // len(COUNTRIES) // len(ACTIONS), _PURPOSES[choice], place.language, place.code))
    return take(text(made), inverse)


def banner_events(rng: Rng, pop: Population, members: Membership, devices: Devices, window: Window) -> Tables:
    """The first choice on each device and, for some, later changes."""
    opened = devices.opened[devices.owner]
    first = np.flatnonzero(chance(rng, 0.8, len(opened)) & (opened >= window.start) & (opened < window.end - 60))
    days = np.maximum(window.end - np.maximum(opened, window.start), 0) / DAY
    again = np.repeat(np.arange(len(opened)), rng.poisson(0.25 * days / 910))
    device = np.concatenate([first, again])
    owner = devices.owner[device]
    begin = np.maximum(opened[device], window.start)
    late = np.arange(len(device)) >= len(first)
    at = np.minimum(
        begin
        + np.where(
            late, (rng.random(len(device)) * (window.end - begin)).astype(np.int64), rng.integers(2, 50, len(device))
        ),
        window.end - 30,
    )
    order = np.argsort(at, kind="stable")
    device, owner, at, late = device[order], owner[order], at[order], late[order]
    count = len(device)
    favour = pop.opt_in[owner]
    spin = rng.random(count)
    action = np.where(spin < 0.25 + 0.5 * favour, 0, np.where(spin < 0.88, 1, 2))
    action = np.where(late & chance(rng, 0.35, count), 3, action)
    country = pop.country[owner]
    usa = country == [c.code for c in COUNTRIES].index("US")
    account = members.shop.first_of(pop.count)[owner]
    signed = (at >= devices.signs_in_from[owner]) & chance(rng, 0.5, count)
    towns = places.places()
    event_at, received = _received(rng, at, window)
    states = {name: take(text(["denied", "granted"]), np.array(values)[action]) for name, values in _GRANTED.items()}
    table = table_of(
        "consent.banner_event",
        {
            "event_id": join("cb-", to_text(pop.block.ids(count, KINDS["banner"], window.day))),
            "anonymous_id": take(devices.anonymous_id, device),
            "device_id": take(devices.device_id, device),
            "user_id": take(to_text(members.shop.number), np.where(signed, account, -1)),
            "event_at": timestamps(event_at),
            "received_at": timestamps(received),
            "action": take(text(ACTIONS), action),
            "tc_string": null_where(usa, _tc_strings(at // DAY, action, country)),
            "gpc": pa.array(chance(rng, np.where(usa, 0.12, 0.05), count), mask=chance(rng, 0.05, count)),
            **states,
            "country": country_codes(country),
            "region": null_where(~usa, take(towns.region_code, pop.addresses.place[pop.address[owner]])),
            "notice_version": take(text(["2023-11", "2025-01"]), (at > window.end - 500 * DAY).astype(np.int64)),
            "language": take(text([c.language for c in COUNTRIES]), country),
            "page_url": text_of(
                ["https://shop.kindred.example/", "https://shop.kindred.example/collections/sale"], rng, count, [8, 2]
            ),
        },
    )
    return {
        "consent.banner_event": table.take(
            pa.array(np.argsort(table["received_at"].cast(pa.int64()).to_numpy(), kind="stable"))
        )
    }


_PREFERENCES = (
    "email_marketing:email",
    "sms_marketing:sms",
    "phone_marketing:phone",
    "profiling:any",
    "post_marketing:post",
)


def preference_events(rng: Rng, pop: Population, members: Membership, window: Window) -> Tables:
    """What people said in forms, at the counter and on the phone, by address, number or user id."""
    known = np.zeros(pop.count, dtype=bool)
    for accounts in (members.shop, members.member, members.hubspot, members.klaviyo):
        known[accounts.who] = True
    start = np.maximum(pop.joined, window.start)
    days = np.maximum(window.end - start, 0) / DAY
    who = np.repeat(np.arange(pop.count), rng.poisson(np.where(known, 0.75, 0.06) * days / 455))
    at = start[who] + (rng.random(len(who)) * np.maximum(window.end - start[who] - 60, 1)).astype(np.int64)
    subject = pick(rng, [0.62, 0.14, 0.07, 0.12, 0.05], len(who))
    spin = rng.random(len(who))
    favour = pop.opt_in[who]
    # 0 granted, 1 denied, 2 withdrawn, 3 objected, 4 pending (double opt-in), 5 confirmed
    state = np.where(spin < 0.2 + 0.45 * favour, 0, np.where(spin < 0.78, 1, np.where(spin < 0.93, 2, 3)))
    double = (state == 0) & (subject == 0) & chance(rng, 0.5, len(who))
    state = np.where(double, 4, state)
    confirmed = np.flatnonzero(double & chance(rng, 0.72, len(who)))
    conflict = np.flatnonzero(chance(rng, 0.03, len(who)))  # two sources say different things at about the same time
    rows = np.concatenate([np.arange(len(who)), confirmed, conflict])
    state = np.concatenate(
        [state, np.full(len(confirmed), 5, dtype=np.int64), np.where(np.isin(state[conflict], (0, 4)), 1, 0)]
    )
    at = np.concatenate(
        [
            at,
            at[confirmed] + rng.integers(60, 2 * DAY, len(confirmed)),
            at[conflict] + rng.integers(0, 2, len(conflict)),
        ]
    )
    who, subject, at = who[rows], subject[rows], np.minimum(at, window.end - 30)
    order = np.argsort(at, kind="stable")
    who, subject, at, state = who[order], subject[order], at[order], state[order]
    count = len(who)
    account = members.shop.first_of(pop.count)[who]
    kind = np.where((subject == 1) | (subject == 2), 1, np.where((account >= 0) & chance(rng, 0.3, count), 2, 0))
    country = pop.country[who]
    second = pop.email2.is_valid().to_numpy(zero_copy_only=False)[who] & chance(rng, 0.15, count)
    email = where(second, pop.email2.take(pa.array(who)), pop.email.take(pa.array(who)))
    phone = render_phones(pop.mobile[who], country, pick(rng, [6, 1, 2, 1, 0, 0, 0], count))
    user = take(to_text(members.shop.number), account)
    identifier = by_group(kind, lambda code, at_rows: (email, phone, user)[code].take(pa.array(at_rows)))
    point = pick(rng, [5, 2, 2, 1], count)
    expires = np.where(np.isin(state, (0, 5)) & chance(rng, 0.25, count), at + 730 * DAY, -1)
    pairs = [entry.split(":") for entry in _PREFERENCES]
    event_at, received = _received(rng, at, window)
    table = table_of(
        "consent.preference_event",
        {
            "event_id": join("cp-", to_text(pop.block.ids(count, KINDS["preference"], window.day))),
            "identifier_type": take(text(["email", "phone", "user_id"]), kind),
            "identifier": identifier,
            "purpose": take(text([purpose for purpose, _ in pairs]), subject),
            "channel": take(text([channel for _, channel in pairs]), subject),
            "state": take(text(["granted", "denied", "withdrawn", "objected", "pending", "confirmed"]), state),
            "lawful_basis": where(state == 3, constant("legitimate_interest", count), constant("consent", count)),
            "event_at": timestamps(event_at),
            "received_at": timestamps(received),
            "country": country_codes(country),
            "notice_id": text_of(["marketing", "account", "loyalty"], rng, count),
            "notice_version": take(text(["2023-11", "2025-01"]), (at > window.end - 500 * DAY).astype(np.int64)),
            "language": take(text([c.language for c in COUNTRIES]), country),
            "collection_point": take(text(["preference_centre", "checkout", "store", "call_centre"]), point),
            "method": take(text(["checkbox", "checkbox", "paper_form", "spoken"]), point),
            "actor": take(text(["data_subject", "data_subject", "staff", "staff"]), point),
            "evidence_ref": null_where(
                chance(rng, 0.4, count),
                join("ev-", digits(pop.block.ids(count, KINDS["preference"], window.day) % 10**14, 14)),
            ),
            "valid_until": timestamps(expires),
        },
    )
    return {"consent.preference_event": table.take(pa.array(np.argsort(received, kind="stable")))}
