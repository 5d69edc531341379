"""Web site and app: sessions with their pages and tracks, registrations, log-ins and forms."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo.accounts import KINDS, Membership
from python_udfs.demo.arrays import (
    DAY,
    Floats,
    Ints,
    Mask,
    Rng,
    Text,
    chance,
    constant,
    dates,
    join,
    null_where,
    pick,
    ranks,
    take,
    text,
    timestamps,
    to_text,
    where,
)
from python_udfs.demo.catalogue import PER_CATEGORY, catalogue
from python_udfs.demo.devices import Devices, new_forms, new_users
from python_udfs.demo.identity import Style, country_codes, write_down
from python_udfs.demo.population import Population, Window
from python_udfs.demo.purchases import Buying, seasonal_times
from python_udfs.demo.shop import Orders
from python_udfs.demo.writer import table_of

TRAITS = Style(
    native_script=0.75,
    nickname=0.09,
    no_name=0.25,
    no_email=0.08,
    no_phone=0.75,
    no_birth=0.75,
    no_address=0.65,
    no_gender=0.6,
    stale=0.3,
    emails=(0.85, 0.11, 0.01, 0.03, 0.0),
)
Tables = dict[str, pa.Table]
TRACKS = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed", "Products Searched", "Signed In")
_PAGES = (
    ("Home", "/"),
    ("Collection", "/collections/"),
    ("Product", "/products/"),
    ("Cart", "/cart"),
    ("Account", "/account"),
    ("Blog", "/blog/"),
)


def _kinds(rng: Rng, devices: Devices, device: Ints) -> tuple[Text, Text]:
    kind = devices.kind[device]
    return take(text(["desktop", "ios", "android", "mobile"]), kind), take(
        text(["analytics.js", "analytics-ios", "analytics-android", "analytics.js"]), kind
    )


def _sessions(
    rng: Rng, pop: Population, members: Membership, devices: Devices, orders: Orders, window: Window
) -> tuple[Ints, Ints, Ints, Ints]:
    """Person, device, start and order (-1) of each session, in order of time."""
    start = np.maximum(pop.joined, window.start)
    expected = np.where(members.web, 3.3, 0.0) * pop.activity * np.maximum(window.end - start, 0) / DAY / 910
    who = np.repeat(np.arange(pop.count), np.minimum(rng.poisson(expected), 300))
    at = seasonal_times(rng, start[who], window)
    buys = np.flatnonzero(members.web[orders.sales.who] & chance(rng, 0.62, len(orders.sales.who)))
    order = np.concatenate([np.full(len(who), -1, dtype=np.int64), buys])
    who = np.concatenate([who, orders.sales.who[buys]])
    at = np.concatenate([at, np.maximum(orders.sales.at[buys] - rng.integers(240, 1_200, len(buys)), window.start)])
    sort = np.argsort(at, kind="stable")
    who, at, order = who[sort], at[sort], order[sort]
    device = np.where((devices.second[who] >= 0) & chance(rng, 0.4, len(who)), devices.second[who], devices.first[who])
    lent = (devices.borrowed[who] >= 0) & (at >= devices.borrowed_at[who]) & chance(rng, 0.6, len(who))
    device = np.where(lent, devices.borrowed[who], device)
    # the owner has left the device to somebody else: uses the second one or is not seen
    gone = ~lent & (at >= devices.given_up[np.maximum(device, 0)])
    device = np.where(gone, devices.second[who], device)
    keep = (device >= 0) & ~(gone & (devices.second[who] < 0))
    return who[keep], device[keep], at[keep], order[keep]


def web_tables(
    rng: Rng, pop: Population, members: Membership, habits: Buying, devices: Devices, orders: Orders, window: Window
) -> Tables:
    """Pages, tracks and identifies of the window."""
    who, device, at, order = _sessions(rng, pop, members, devices, orders, window)
    account = members.shop.first_of(pop.count)
    buys = order >= 0
    signed = (at >= devices.signs_in_from[who]) & (chance(rng, 0.62, len(who)) | buys)
    source = pick(rng, [0.42, 0.22, 0.12, 0.12, 0.12], len(who))
    tables = {
        "segment.pages": _pages(rng, pop, members, habits, devices, who, device, at, signed, source, account, window),
        "segment.tracks": _tracks(
            rng, pop, members, habits, devices, who, device, at, signed, source, account, order, window
        ),
    }
    tables.update(_identifies(rng, pop, members, devices, who, device, at, signed, account, window))
    return tables


_SOURCES = (
    (None, None, None),
    ("google", "cpc", "brand"),
    ("newsletter", "email", "monthly"),
    ("instagram", "social", "spring"),
    ("google", "organic", None),
)


def _campaign(source: Ints) -> dict[str, Text]:
    """Campaign columns of the sessions' sources."""
    return {
        f"context_campaign_{name}": take(text([entry[at] for entry in _SOURCES]), source)
        for at, name in enumerate(("source", "medium", "name"))
    }


def _user_ids(members: Membership, account: Ints, who: Ints, signed: Mask) -> Text:
    return take(to_text(members.shop.number), np.where(signed, account[who], -1))


def _stamps(rng: Rng, at: Ints, window: Window) -> dict[str, pa.Array]:
    """Time columns: mostly received within seconds, one event in fifty hours or days later.

    On a day after the base the late ones are those that happened on the days before.
    """
    late = chance(rng, 0.02, len(at))
    wait = (rng.random(len(at)) ** 2 * 6 * DAY).astype(np.int64) + 1_800
    soon = rng.integers(0, 3, len(at))
    happened = at - np.where(late, wait, 0) if window.day else at
    sent = at + soon if window.day else at + np.where(late, wait, soon)
    received = np.minimum(sent + rng.integers(0, 4, len(at)), window.end - 1)
    millis = rng.integers(0, 1_000, len(at))
    own = timestamps(happened, millis)
    return {
        "original_timestamp": own,
        "timestamp": own,
        "sent_at": timestamps(np.minimum(sent, received), millis),
        "received_at": timestamps(received, millis),
    }


def _by_arrival(table: pa.Table) -> pa.Table:
    """Rows in order of arrival, so that times within a file go back now and then."""
    return table.take(pa.array(np.argsort(table["received_at"].cast(pa.int64()).to_numpy(), kind="stable")))


def _products_seen(rng: Rng, habits: Buying, who: Ints) -> Ints:
    taste = rng.random(len(who))
    category = np.where(
        taste < 0.5, habits.favourite[who], np.where(taste < 0.72, habits.second[who], rng.integers(0, 12, len(who)))
    )
    return category * PER_CATEGORY + (rng.random(len(who)) * PER_CATEGORY).astype(np.int64)


def _pages(
    rng: Rng,
    pop: Population,
    members: Membership,
    habits: Buying,
    devices: Devices,
    who: Ints,
    device: Ints,
    at: Ints,
    signed: Mask,
    source: Ints,
    account: Ints,
    window: Window,
) -> pa.Table:
    number = 1 + np.minimum(rng.poisson(1.5, len(who)), 9)
    session = np.repeat(np.arange(len(who)), number)
    seat = ranks(session)
    when = np.minimum(at[session] + seat * 45 + rng.integers(0, 40, len(session)), window.end - 5)
    kind = np.where(
        seat == 0,
        pick(rng, [0.5, 0.25, 0.2, 0.0, 0.0, 0.05], len(session)),
        pick(rng, [0.08, 0.25, 0.42, 0.1, 0.07, 0.08], len(session)),
    )
    goods = catalogue()
    product = _products_seen(rng, habits, who[session])
    tail = where(
        kind == 2,
        take(goods.sku, product),
        where(
            kind == 1,
            pc.utf8_lower(pc.replace_substring_regex(take(goods.category, product), "[^A-Za-z]+", "-")),
            constant("", len(session)),
        ),
    )
    path = join(take(text([p for _, p in _PAGES]), kind), tail)
    name = take(text([p for p, _ in _PAGES]), kind)
    device_type, library = _kinds(rng, devices, device[session])
    count = len(session)
    return _by_arrival(
        table_of(
            "segment.pages",
            {
                "id": join("pg-", to_text(pop.block.ids(count, KINDS["page"], window.day))),
                "anonymous_id": take(devices.anonymous_id, device[session]),
                "user_id": _user_ids(members, account, who[session], signed[session]),
                "name": name,
                "path": path,
                "url": join("https://shop.kindred.example", path),
                "title": where(kind == 2, take(goods.title, product), name),
                "referrer": null_where((seat > 0) | (source[session] == 0), constant("https://www.google.com/", count)),
                "context_device_type": device_type,
                "context_library_name": library,
                **_campaign(np.where(seat == 0, source[session], 0)),
                **_stamps(rng, when, window),
            },
        )
    )


def _tracks(
    rng: Rng,
    pop: Population,
    members: Membership,
    habits: Buying,
    devices: Devices,
    who: Ints,
    device: Ints,
    at: Ints,
    signed: Mask,
    source: Ints,
    account: Ints,
    order: Ints,
    window: Window,
) -> pa.Table:
    count = len(who)
    buys = order >= 0
    views = np.minimum(rng.poisson(1.25, count), 8) + buys
    added = buys | (chance(rng, 0.3, count) & (views > 0))
    started = buys | (added & chance(rng, 0.35, count))
    parts: list[tuple[Ints, int, Floats]] = [
        (np.repeat(np.arange(count), views), 0, np.full(int(views.sum()), 30.0)),
        (np.flatnonzero(added), 1, np.full(int(added.sum()), 140.0)),
        (np.flatnonzero(started), 2, np.full(int(started.sum()), 200.0)),
        (np.flatnonzero(buys), 3, np.full(int(buys.sum()), 239.0)),
        (np.flatnonzero(chance(rng, 0.15, count)), 4, np.zeros(0)),
        (np.flatnonzero(signed & chance(rng, 0.4, count)), 5, np.zeros(0)),
    ]
    session = np.concatenate([rows for rows, _, _ in parts])
    kind = np.concatenate([np.full(len(rows), number, dtype=np.int64) for rows, number, _ in parts])
    delay = np.array([20, 130, 190, 239, 10, 3])[kind] + np.where(kind == 0, rng.integers(0, 100, len(session)), 0)
    when = np.minimum(at[session] + delay, window.end - 4)
    path = take(text(["/products/", "/cart", "/checkout", "/checkout/thank-you", "/search", "/account/login"]), kind)
    path = where(kind == 0, join(path, take(catalogue().sku, _products_seen(rng, habits, who[session]))), path)
    device_type, library = _kinds(rng, devices, device[session])
    return _by_arrival(
        table_of(
            "segment.tracks",
            {
                "id": join("tr-", to_text(pop.block.ids(len(session), KINDS["track"], window.day))),
                "anonymous_id": take(devices.anonymous_id, device[session]),
                "user_id": _user_ids(members, account, who[session], signed[session]),
                "event": take(text([name.lower().replace(" ", "_") for name in TRACKS]), kind),
                "event_text": take(text(TRACKS), kind),
                "context_page_path": path,
                "context_page_url": join("https://shop.kindred.example", path),
                "context_device_id": take(devices.device_id, device[session]),
                "context_device_type": device_type,
                "context_library_name": library,
                **_campaign(source[session]),
                **_stamps(rng, when, window),
            },
        )
    )


def _identifies(
    rng: Rng,
    pop: Population,
    members: Membership,
    devices: Devices,
    who: Ints,
    device: Ints,
    at: Ints,
    signed: Mask,
    account: Ints,
    window: Window,
) -> Tables:
    """Registrations, some later log-ins, and newsletter forms, which carry no user id."""
    logged = np.flatnonzero(signed & chance(rng, 0.25, len(who)))
    new = new_users(devices, window)
    forms = new_forms(devices, window)
    people = np.concatenate([new, who[logged], devices.owner[forms]])
    used = np.concatenate([devices.first[new], device[logged], forms])
    when = np.concatenate(
        [
            np.maximum(devices.signs_in_from[new], window.start),
            at[logged] + 3,
            np.maximum(devices.form_at[forms], window.start),
        ]
    )
    with_user = np.arange(len(people)) < len(new) + len(logged)
    when = np.minimum(when, window.end - 4)
    count = len(people)
    w = write_down(rng, pop, people, when, when, TRAITS)
    email = where(with_user, w.email, pc.coalesce(w.email, pop.email.take(pa.array(people))))
    birthday = null_where(w.no_birth | ~with_user, dates(w.birth_date).cast(pa.string()))
    device_type, library = _kinds(rng, devices, used)
    address = rng.integers(1, 255, (4, count))
    table = table_of(
        "segment.identifies",
        {
            "id": join("id-", to_text(pop.block.ids(count, KINDS["identify"], window.day))),
            "anonymous_id": take(devices.anonymous_id, used),
            "user_id": _user_ids(members, account, people, with_user),
            "email": email,
            "phone": null_where(~with_user, w.phone),
            "first_name": w.given,
            "last_name": w.family,
            "birthday": birthday,
            "gender": null_where(~with_user, w.gender),
            "address_street": null_where(~with_user, w.street),
            "address_city": null_where(~with_user, w.city),
            "address_postal_code": null_where(~with_user, w.postcode),
            "address_country": null_where(w.no_address | ~with_user, country_codes(w.country)),
            "context_device_id": take(devices.device_id, used),
            "context_device_type": device_type,
            "context_ip": join("10.", to_text(address[1]), ".", to_text(address[2]), ".", to_text(address[3])),
            "context_library_name": library,
            **_stamps(rng, when, window),
        },
    )
    return {"segment.identifies": _by_arrival(table)}
