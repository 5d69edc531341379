"""Who buys what, when and where: web orders with refunds, till receipts with returns.

A person buys at a gamma-distributed rate until a geometric number of purchases is reached (the
BG/NBD story: after each purchase the customer leaves for good with a probability of their own), and
spends around a level of their own. Times follow the year, the week and the day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from python_udfs.demo.accounts import KINDS, Membership
from python_udfs.demo.arrays import DAY, Floats, Ints, Mask, Rng, chance, pick, ranks
from python_udfs.demo.catalogue import PER_CATEGORY, catalogue, store_countries
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.population import Population, Window

_HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 11, 14, 16, 17, 18, 16, 15, 15, 17, 20, 23, 25, 24, 18, 9, 4)
_STORE_HOURS = (0, 0, 0, 0, 0, 0, 0, 1, 5, 10, 14, 15, 14, 12, 12, 13, 16, 18, 14, 8, 2, 0, 0, 0)
_WEEK = (0.95, 0.9, 0.92, 0.98, 1.1, 1.25, 1.05)
_YEAR = (0.85, 0.8, 0.9, 0.95, 1.0, 1.0, 0.95, 0.9, 1.0, 1.05, 1.35, 1.6)


@dataclass(frozen=True)
class Buying:
    """How each person of a block buys (arrays of length n)."""

    rate: Floats  # purchases a day
    lifetime: Ints  # purchases until the person leaves for good
    level: Floats  # 0..1, how dear the things are that the person buys
    favourite: Ints
    second: Ints
    till_share: Floats  # share of purchases at a till; the rest on the web


@dataclass(frozen=True)
class Sales:
    """Documents of one channel and their lines; lines are sorted by document. Money in minor units."""

    who: Ints
    at: Ints
    country: Ints
    currency: Ints  # index of the country whose currency is used
    line_document: Ints
    product: Ints
    quantity: Ints
    price: Ints
    discount: Ints  # of the line
    ids: Ints

    @property
    def line_total(self) -> Ints:
        """Price times quantity less the discount."""
        return self.price * self.quantity - self.discount

    def per_document(self, values: Ints) -> Ints:
        """Sum of a line value over each document."""
        return np.bincount(self.line_document, weights=values, minlength=len(self.who)).round().astype(np.int64)

    def tax(self, gross: Ints, country: Ints) -> Ints:
        """Tax contained in gross amounts."""
        permille = np.array([c.vat_permille for c in COUNTRIES])[country]
        contained: Ints = np.round(gross * permille / (1000 + permille)).astype(np.int64)
        return contained


def buying_habits(rng: Rng, pop: Population, members: Membership) -> Buying:
    """Draw the parameters of each person's purchases."""
    count = pop.count
    in_shop = members.shop.first_of(count) >= 0
    at_till = members.member.first_of(count) >= 0
    buyer = np.where(in_shop | at_till, 1.0, np.where(members.guest, 0.4, 0.10))
    rate = rng.gamma(0.9, 1 / 0.9, count) * pop.activity * buyer * 5.2 / 910
    stays = rng.beta(1.1, 6.0, count)
    lifetime = np.ceil(np.log(rng.random(count)) / np.log1p(-np.clip(stays, 0.01, 0.99))).astype(np.int64)
    mixed = rng.beta(1.4, 1.2, count)
    till = np.where(in_shop & at_till, mixed, np.where(at_till, 1.0, np.where(in_shop | members.guest, 0.03, 0.9)))
    likes = rng.permutation(12)
    favourite = likes[np.minimum(pick(rng, 1 / (np.arange(12) + 3.0), count), 11)]
    return Buying(rate, np.maximum(lifetime, 1), rng.beta(2.0, 3.5, count), favourite, rng.integers(0, 12, count), till)


def _calendar(window: Window) -> tuple[int, Floats]:
    """First day of the window and the cumulative weight of its days."""
    first = window.start // DAY
    days = np.arange(first, max(first + 1, -(-window.end // DAY)))
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    growth = 1 + (days - first) / 3_000
    weights = np.array(_YEAR)[month] * np.array(_WEEK)[(days + 3) % 7] * growth
    return int(first), np.concatenate(([0.0], np.cumsum(weights)))


def seasonal_times(rng: Rng, begin: Ints, window: Window, hours: tuple[int, ...] = _HOURS) -> Ints:
    """A time between `begin` and the end of the window for each row, by season, weekday and hour."""
    first, weight = _calendar(window)
    at = np.clip((begin - int(first) * DAY) / DAY, 0, len(weight) - 1 - 1e-6)
    low = np.interp(at, np.arange(len(weight)), weight)
    spot = low + rng.random(len(begin)) * (weight[-1] - low)
    day = np.interp(spot, weight, np.arange(len(weight)))
    whole = np.floor(day).astype(np.int64) + int(first)
    out = whole * DAY + pick(rng, [float(h) for h in hours], len(begin)) * 3_600 + rng.integers(0, 3_600, len(begin))
    times: Ints = np.clip(out, np.maximum(begin, window.start), window.end - 300)
    return times


def draw_sales(rng: Rng, pop: Population, members: Membership, habits: Buying, window: Window) -> tuple[Sales, Sales]:
    """Web orders and till receipts of the window (returns of tills are not in it)."""
    begin = np.maximum(pop.joined, window.start)
    days = np.maximum(window.end - begin, 0) / DAY
    wanted = rng.poisson(habits.rate * days)
    if window.day:  # the drop-out of the days before is in the people's expected number of purchases so far
        so_far = habits.rate * np.maximum(window.start - pop.joined, 0) / DAY
        wanted = np.where(so_far < habits.lifetime, wanted, 0)
    who = np.repeat(np.arange(pop.count), np.minimum(wanted, 400))
    at_till = chance(rng, habits.till_share[who], len(who))
    at = np.where(
        at_till, seasonal_times(rng, begin[who], window, _STORE_HOURS), seasonal_times(rng, begin[who], window)
    )
    order = np.lexsort((at, who))
    who, at, at_till = who[order], at[order], at_till[order]
    alive = ranks(who) < habits.lifetime[who]
    who, at, at_till = who[alive], at[alive], at_till[alive]
    web, till = np.flatnonzero(~at_till), np.flatnonzero(at_till)
    # rows of a file follow time, not people
    web, till = web[np.argsort(at[web], kind="stable")], till[np.argsort(at[till], kind="stable")]
    return (
        _with_lines(rng, pop, habits, who[web], at[web], "order", 1.1, window.day),
        _with_lines(rng, pop, habits, who[till], at[till], "receipt", 1.5, window.day),
    )


def _with_lines(
    rng: Rng, pop: Population, habits: Buying, who: Ints, at: Ints, kind: str, more_lines: float, day: int
) -> Sales:
    goods = catalogue()
    count = len(who)
    lines = 1 + np.minimum(rng.poisson(more_lines, count), 14)
    document = np.repeat(np.arange(count), lines)
    buyer = who[document]
    total = len(document)
    taste = rng.random(total)
    category = np.where(
        taste < 0.55, habits.favourite[buyer], np.where(taste < 0.75, habits.second[buyer], rng.integers(0, 12, total))
    )
    place = np.clip(0.65 * habits.level[buyer] + 0.5 * rng.random(total) - 0.08, 0, 0.999)
    product = category * PER_CATEGORY + (place * PER_CATEGORY).astype(np.int64)
    quantity = 1 + np.minimum(rng.poisson(0.28, total), 9)
    country = pop.country[who]
    visiting = chance(rng, 0.015, count)
    country = np.where(visiting, store_countries()[rng.integers(0, len(store_countries()), count)], country)
    factor = np.array([c.price_factor for c in COUNTRIES])[country[document]]
    price = np.maximum(90, np.round(goods.price[product] * factor / 10) * 10 - 1).astype(np.int64)
    reduced = chance(rng, 0.2, count)
    percent = np.where(reduced, pick(rng, [5, 3, 2], count) * 5 + 10, 0)[document]
    discount = (price * quantity * percent / 100).astype(np.int64)
    return Sales(
        who, at, country, country, document, product, quantity, price, discount, pop.block.ids(count, KINDS[kind], day)
    )


def line_mask(sales: Sales, documents: Mask) -> Mask:
    """Lines of the documents that the mask selects."""
    return documents[sales.line_document]


def per_window(rng: Rng, pop: Population, window: Window, expected: np.ndarray, begin: Ints) -> tuple[Ints, Ints]:
    """Events of a Poisson process: rows of the input (`expected` events in 910 days) and their times."""
    start = np.maximum(begin, window.start)
    number = rng.poisson(np.maximum(expected * (window.end - start) / DAY / 910, 0))
    rows = np.repeat(np.arange(len(begin)), number)
    at = seasonal_times(rng, start[rows], window)
    order = np.argsort(at, kind="stable")
    return rows[order], at[order]
