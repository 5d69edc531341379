"""Which person has a record in which system, since when, under which id."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from python_udfs.demo.arrays import DAY, Ints, Mask, Rng, Text, chance, digits, join, pick, take, text, to_text
from python_udfs.demo.population import Population, Window

KINDS = {
    name: number
    for number, name in enumerate(
        (
            "customer",
            "address",
            "order",
            "line",
            "refund",
            "line_refund",
            "adjustment",
            "checkout",
            "hubspot",
            "company",
            "sf_contact",
            "sf_lead",
            "account",
            "zendesk",
            "ticket",
            "rating",
            "organization",
            "klaviyo",
            "klaviyo_event",
            "member",
            "receipt",
            "survey",
            "identify",
            "track",
            "page",
            "banner",
            "preference",
            "variant",
            "company_copy",
            "account_copy",
            "enrichment",
            "opportunity",
            "task",
            "review",
            "comment",
        ),
        start=1,
    )
}


@dataclass(frozen=True)
class Accounts:
    """Records of one system; one element a record. `seat` tells a person's first record (0) from later ones."""

    who: Ints
    created: Ints
    updated: Ints
    number: Ints
    seat: Ints

    def __len__(self) -> int:
        return len(self.who)

    def first_of(self, count: int) -> Ints:
        """Position of each person's first record, -1 for people without one."""
        out = np.full(count, -1, dtype=np.int64)
        own = np.flatnonzero(self.seat == 0)
        out[self.who[own]] = own
        return out

    def record_ids(self, prefix: str) -> Text:
        """`<prefix>:<number>` for each record."""
        return join(prefix, to_text(self.number), separator=":")


@dataclass(frozen=True)
class Membership:
    """The accounts of one block of people."""

    shop: Accounts
    shop_lost: Mask  # shop customers whose row the connector never delivered
    hubspot: Accounts
    sf_contact: Accounts
    sf_lead: Accounts
    lead_converted: Ints  # position of the contact that a lead became, -1
    zendesk: Accounts
    klaviyo: Accounts
    member: Accounts
    web: Mask  # people who visit the site or the app
    segment: Mask  # people who log in there
    guest: Mask  # people who buy without an account


def _open(
    rng: Rng, pop: Population, window: Window, kind: str, chosen: Mask, again: float, delay: float = 0.5
) -> Accounts:
    """Accounts of the chosen people, a share `again` of them with a second one, in random order."""
    first = np.flatnonzero(chosen)
    second = first[chance(rng, again, len(first))]
    who = np.concatenate([first, second])
    seat = np.concatenate([np.zeros(len(first), dtype=np.int64), np.ones(len(second), dtype=np.int64)])
    order = rng.permutation(len(who))
    who, seat = who[order], seat[order]
    room = np.maximum(window.end - 7_200 - pop.joined[who], 0)
    created = pop.joined[who] + (rng.random(len(who)) ** np.where(seat == 0, 3.0, 1.0) * room * delay).astype(np.int64)
    created = np.minimum(created, window.end - 3_600)
    touched = chance(rng, 0.55, len(who))
    updated = np.where(
        touched, created + (rng.random(len(who)) ** 0.7 * (window.end - 60 - created)).astype(np.int64), created + 30
    )
    return Accounts(who, created, updated, pop.block.ids(len(who), KINDS[kind]), seat)


def open_accounts(rng: Rng, pop: Population, window: Window) -> Membership:
    """Decide who is where. Systems depend on each other as they do in a real shop."""
    count = pop.count
    lively = np.clip(0.55 + 0.45 * pop.activity, 0.4, 1.5)
    worker = pop.company >= 0
    shop_in = chance(rng, 0.47 * lively, count)
    member_in = chance(rng, 0.38 * lively, count)
    shop = _open(rng, pop, window, "customer", shop_in, 0.055)
    member = _open(rng, pop, window, "member", member_in, 0.035)
    hubspot = _open(
        rng,
        pop,
        window,
        "hubspot",
        chance(rng, np.where(worker, 0.62, np.where(shop_in | member_in, 0.34, 0.2)), count),
        0.05,
    )
    lead_in = chance(rng, np.where(worker, 0.38, 0.012), count)
    lead = _open(rng, pop, window, "sf_lead", lead_in, 0.03)
    contact = _open(rng, pop, window, "sf_contact", worker & chance(rng, 0.55, count), 0.03)
    contact_of = contact.first_of(count)
    converted = np.where((contact_of[lead.who] >= 0) & chance(rng, 0.8, len(lead)), contact_of[lead.who], -1)
    zendesk = _open(
        rng,
        pop,
        window,
        "zendesk",
        chance(rng, np.where(shop_in, 0.28, np.where(member_in | worker, 0.16, 0.07)), count),
        0.06,
        0.9,
    )
    klaviyo = _open(
        rng, pop, window, "klaviyo", chance(rng, np.where(shop_in, 0.68, np.where(member_in, 0.33, 0.22)), count), 0.035
    )
    web = chance(rng, np.where(shop_in, 0.93, 0.62), count)
    return Membership(
        shop=shop,
        shop_lost=chance(rng, 0.006, len(shop)),
        hubspot=hubspot,
        sf_contact=contact,
        sf_lead=lead,
        lead_converted=converted,
        zendesk=zendesk,
        klaviyo=klaviyo,
        member=member,
        web=web,
        segment=web & shop_in & chance(rng, 0.8, count),
        guest=chance(rng, np.where(shop_in, 0.05, 0.2), count),
    )


def older_versions(
    rng: Rng, table: pa.Table, rate: float, created: str, updated: str, synced: str | None, blank: tuple[str, ...] = ()
) -> pa.Table:
    """Add, for a share of the rows, an older version of the same id (earlier times, `blank` columns empty).

    The rows are put in random places: which one is current must be read from the times.
    """
    rows = np.flatnonzero(chance(rng, rate, table.num_rows))
    if len(rows) == 0:
        return table
    old = table.take(pa.array(rows))
    begin = old[created].cast(pa.int64()).to_numpy()
    end = old[updated].cast(pa.int64()).to_numpy()
    shift = ((end - begin) * rng.random(len(rows)) * 0.9).astype(np.int64)
    for name, values in ((updated, begin + shift), *(((synced, begin + shift + 3_600_000_000),) if synced else ())):
        old = old.set_column(
            old.schema.get_field_index(name), old.schema.field(name), pa.array(values).cast(pa.timestamp("us"))
        )
    for name in blank:
        old = old.set_column(
            old.schema.get_field_index(name), old.schema.field(name), pa.nulls(len(rows), old.schema.field(name).type)
        )
    both = pa.concat_tables([table, old])
    order = rng.permutation(both.num_rows)
    return both.take(pa.array(order))


def synced(rng: Rng, updated: Ints) -> Ints:
    """When the connector delivered a row: minutes to hours after the change."""
    return updated + 120 + (rng.exponential(5_400, len(updated))).astype(np.int64)


def salesforce_ids(prefix: str, number: Ints) -> Text:
    """18 characters: the object's prefix, a body of 14 digits and a tail."""
    return join(prefix, digits(number % 10**14, 14), "A")


def card_numbers(pop: Population, accounts: Accounts) -> Text:
    """15-digit loyalty card numbers, the last one a check digit as on a bar code."""
    body = np.int64(29) * 10**12 + pop.block.day * 10**8 + pop.block.number * 10**5 + accounts.number % 10**5
    powers = 10 ** np.arange(13, -1, -1, dtype=np.int64)
    figures = body[:, None] // powers % 10
    check = (10 - (figures * np.array([1, 3] * 7)).sum(axis=1) % 10) % 10
    return digits(body * 10 + check, 15)


def text_of(pool: list[str], rng: Rng, count: int, weights: list[float] | None = None) -> Text:
    """Random texts of a short list."""
    return take(text(pool), pick(rng, weights or [1.0] * len(pool), count))


def long_ago(window: Window) -> int:
    """A time before the base begins, for things that have always been there."""
    return (window.base_start or window.start) - 400 * DAY
