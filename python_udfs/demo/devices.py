"""Devices of the visitors: who uses which one when, who registers on it, what data providers say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo.accounts import Membership, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Rng,
    Text,
    chance,
    dates,
    digits,
    hex_text,
    join,
    null_where,
    pick,
    take,
    text,
    timestamps,
    where,
)
from python_udfs.demo.identity import country_codes
from python_udfs.demo.population import Population, Window
from python_udfs.demo.writer import table_of

Tables = dict[str, pa.Table]


@dataclass(frozen=True)
class Devices:
    """Browsers and phones of a block; one element a device, the first `owners` of them in order of people."""

    owner: Ints
    anonymous_id: Text
    device_id: Text  # advertising id, only of phones with the app
    kind: Ints  # 0 desktop browser, 1 ios app, 2 android app, 3 mobile browser
    first: Ints  # position of each person's first device, -1 for people who are never on the web
    second: Ints
    borrowed: Ints  # device of somebody in the household that the person uses from `borrowed_at` on, -1
    borrowed_at: Ints
    given_up: Ints  # per device: when its owner left it to somebody else, a far time if never
    signs_in_from: Ints  # per person: first log-in, a far time if never
    form_at: Ints  # per device: when the owner leaves an e-mail address without logging in, a far time if never
    opened: Ints  # per person: first visit


FAR = 4_000_000_000


def make_devices(rng: Rng, pop: Population, members: Membership, window: Window) -> Devices:
    """Each visitor has one or two devices; some take over the device of somebody they live with."""
    web = np.flatnonzero(members.web)
    more = web[chance(rng, 0.32, len(web))]
    owner = np.concatenate([web, more])
    count = len(owner)
    first, second = np.full(pop.count, -1, dtype=np.int64), np.full(pop.count, -1, dtype=np.int64)
    first[web], second[more] = np.arange(len(web)), len(web) + np.arange(len(more))
    kind = np.where(
        np.arange(count) < len(web),
        pick(rng, [0.5, 0.14, 0.14, 0.22], count),
        pick(rng, [0.25, 0.27, 0.28, 0.2], count),
    )
    device_id = pc.utf8_upper(hex_text(rng, count, 32, True))
    before = np.maximum(np.arange(pop.count) - 1, 0)
    neighbour = (
        (pop.household[before] == pop.household) & (np.arange(pop.count) > 0) & members.web & members.web[before]
    )
    borrows = neighbour & chance(rng, 0.14, pop.count)
    borrowed = np.where(borrows, first[before], -1)
    room = window.end - np.maximum(pop.joined, pop.joined[before])
    borrowed_at = np.where(borrows, window.end - (room * (0.15 + 0.6 * rng.random(pop.count))).astype(np.int64), FAR)
    given_up = np.full(count, FAR, dtype=np.int64)
    given_up[borrowed[borrows]] = borrowed_at[borrows]
    account = members.shop.first_of(pop.count)
    login = np.where(
        members.segment & (account >= 0),
        members.shop.created[np.maximum(account, 0)] + (rng.exponential(2 * DAY, pop.count)).astype(np.int64)
        if len(members.shop)
        else FAR,
        FAR,
    )
    horizon = (window.end - pop.joined[owner]) * 1.4  # some forms are filled in on the days after the base
    form = np.where(chance(rng, 0.09, count), pop.joined[owner] + (rng.random(count) * horizon).astype(np.int64), FAR)
    form = np.where(form < given_up, form, FAR)
    return Devices(
        owner,
        hex_text(rng, count, 32, True),
        null_where((kind == 0) | (kind == 3), device_id),
        kind,
        first,
        second,
        borrowed,
        borrowed_at,
        given_up,
        login,
        form,
        pop.joined,
    )


def truth_devices(pop: Population, devices: Devices, person_ids: Text) -> Tables:
    """Who used which device when."""
    taken = np.flatnonzero(devices.borrowed >= 0)
    owner = np.concatenate([devices.owner, taken])
    device = np.concatenate([np.arange(len(devices.owner)), devices.borrowed[taken]])
    begin = np.concatenate([devices.opened[devices.owner], devices.borrowed_at[taken]])
    end = np.concatenate([devices.given_up, np.full(len(taken), FAR, dtype=np.int64)])
    begin = np.where(begin > end, end - DAY, begin)
    return {
        "truth.device": table_of(
            "truth.device",
            {
                "device_id": devices.device_id.take(pa.array(device)),
                "anonymous_id": devices.anonymous_id.take(pa.array(device)),
                "person_id": person_ids.take(pa.array(owner)),
                "valid_from": timestamps(begin),
                "valid_to": timestamps(np.where(end >= FAR, -1, end)),
            },
        )
    }


def new_users(devices: Devices, window: Window) -> Ints:
    """People who register (log in for the first time) in the window; in the base also those before it."""
    first = window.start if window.day else 0
    return np.flatnonzero(
        (devices.signs_in_from >= first) & (devices.signs_in_from < window.end) & (devices.first >= 0)
    )


def new_forms(devices: Devices, window: Window) -> Ints:
    """Devices whose owner leaves an address without logging in during the window."""
    first = window.start if window.day else 0
    return np.flatnonzero((devices.form_at >= first) & (devices.form_at < window.end))


SEGMENTS = (
    "auto_intender",
    "young_family",
    "sports_fan",
    "traveller",
    "home_owner",
    "gamer",
    "luxury_shopper",
    "pet_owner",
    "student",
    "gardener",
)


def device_segments(rng: Rng, pop: Population, devices: Devices, window: Window) -> Tables:
    """What data providers say about devices; each row may be used until the licence ends."""
    share = 0.55 if window.day == 0 else 0.0008
    number = rng.poisson(share, len(devices.owner))
    device = np.repeat(np.arange(len(devices.owner)), number)
    owner = devices.owner[device]
    kind = np.where(devices.kind[device] == 1, 1, np.where(devices.kind[device] == 2, 2, 0))
    known_id = where(kind == 0, take(devices.anonymous_id, device), take(devices.device_id, device))
    # Most devices that providers sell belong to nobody the company has met; they are like those it has.
    strangers = rng.poisson(share, 3 * pop.count)
    stranger = np.repeat(np.arange(len(strangers)), strangers)
    stranger_id = take(hex_text(rng, len(strangers), dashes=True), stranger)
    kind = np.concatenate([kind, rng.integers(0, 3, len(strangers))[stranger]])
    owner = np.concatenate([owner, rng.integers(0, pop.count, len(strangers))[stranger]])
    device_id = pa.concat_arrays([known_id, stranger_id])
    count = len(device_id)
    segment = rng.integers(0, len(SEGMENTS), count)
    at = np.minimum(
        np.maximum(devices.opened[owner], window.start)
        + (rng.random(count) * np.maximum(window.end - np.maximum(devices.opened[owner], window.start), 1)).astype(
            np.int64
        ),
        window.end - 60,
    )
    return {
        "thirdparty.device_segment": table_of(
            "thirdparty.device_segment",
            {
                "device_id": device_id,
                "device_id_type": take(text(["cookie", "idfa", "gaid"]), kind),
                "provider": text_of(["datavine", "audience-hub", "northstar"], rng, count),
                "segment_code": join("SEG", digits(segment + 1, 3)),
                "segment_name": take(text(SEGMENTS), segment),
                "confidence": np.round(rng.beta(5, 2, count), 3),
                "observed_at": timestamps(at),
                "expires_on": dates(at // DAY + np.array([30, 90, 180, 365])[rng.integers(0, 4, count)]),
                "country": country_codes(pop.country[owner]),
                "loaded_at": timestamps(at // DAY * DAY + DAY + 5 * 3_600),
            },
        )
    }
