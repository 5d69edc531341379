"""Phones, e-mail addresses and postal addresses as numbers, and how systems write them down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from python_udfs.demo import places
from python_udfs.demo.arrays import Ints, Mask, Rng, Text, by_group, digits, join, pick, take, text, to_text, where
from python_udfs.demo.countries import COUNTRIES

PHONE_STYLES = 7
SEPARATE_NUMBER = 10_000  # numbers appended to a taken address have five digits or more


def draw_numbers(rng: Rng, country: Ints, landline: bool = False) -> Ints:
    """National significant numbers as integers, drawn from the country's ranges."""
    out = np.zeros(len(country), dtype=np.int64)
    for code, plan_of in enumerate(COUNTRIES):
        rows = np.flatnonzero(country == code)
        plan = plan_of.landline if landline else plan_of.mobile
        heads = np.array([int(p) * 10 ** (plan.length - len(p)) for p in plan.prefixes], dtype=np.int64)
        room = np.array([10 ** (plan.length - len(p)) for p in plan.prefixes], dtype=np.int64)
        which = rng.integers(0, len(heads), len(rows))
        out[rows] = heads[which] + (rng.random(len(rows)) * room[which]).astype(np.int64)
    return out


def render_phones(numbers: Ints, country: Ints, style: Ints, landline: bool = False) -> Text:
    """Write numbers in one of PHONE_STYLES ways; a negative number gives null.

    0 E.164, 1 international with spaces, 2 national, 3 national with spaces, 4 national with
    punctuation, 5 with the international call prefix, 6 international with dashes.
    """
    group = np.where(numbers < 0, -1, country * PHONE_STYLES + style)

    def render(code: int, rows: Ints) -> Text:
        if code < 0:
            return text([None] * len(rows))
        plan_of, kind = COUNTRIES[code // PHONE_STYLES], code % PHONE_STYLES
        plan = plan_of.landline if landline else plan_of.mobile
        body = digits(numbers[rows], plan.length)
        first = 3 if plan.length >= 9 else 2
        groups = [
            pc.utf8_slice_codeunits(body, 0, first),
            pc.utf8_slice_codeunits(body, first, first + 3),
            pc.utf8_slice_codeunits(body, first + 3, plan.length),
        ]
        international = f"+{plan_of.calling_code}"
        if kind == 0:
            return join(international, body)
        if kind == 1:
            return join(international, *groups, separator=" ")
        if kind == 2:
            return join(plan_of.trunk, body)
        if kind == 3:
            return join(plan_of.trunk, join(*groups, separator=" "))
        if kind == 4:
            return join("(", plan_of.trunk, groups[0], ") ", groups[1], "-", groups[2])
        if kind == 5:
            return join("1-" if plan_of.code == "US" else f"00{plan_of.calling_code}", body)
        return join(international, *groups, separator="-")

    return by_group(group, render)


def unique_addresses(local: Text, domain: Text, number: Ints, bucket: int, buckets: int) -> Text:
    """E-mail addresses that nobody else has, in this block of people or in another one.

    A local part belongs to the block that its hash points to, and there to the first person who
    wants it; everyone else appends the own `number` (unique over all people).
    """
    plain = join(local, domain, separator="@")
    series = pd.Series(plain.to_numpy(zero_copy_only=False))
    hashed = pd.util.hash_array(series.to_numpy(), categorize=False)
    ours = (hashed % np.uint64(buckets)).astype(np.int64) == bucket
    free = ours & ~series.duplicated().to_numpy()
    ends_in_digit = pc.match_substring_regex(local, "[0-9]$")
    numbered = join(local, pc.if_else(ends_in_digit, "_", ""), to_text(number + SEPARATE_NUMBER))
    return where(free, plain, join(numbered, domain, separator="@"))


def slug(values: Text) -> Text:
    """Lower-case ASCII letters and digits only."""
    return pc.replace_substring_regex(pc.utf8_lower(values), "[^a-z0-9]", "")


_WORDS = (
    "sunny",
    "happy",
    "lucky",
    "little",
    "wild",
    "blue",
    "silver",
    "magic",
    "crazy",
    "sweet",
    "cool",
    "dark",
    "golden",
    "rainy",
    "smiling",
    "silent",
    "mister",
    "miss",
    "the_real",
)
_THINGS = (
    "fox",
    "panda",
    "rider",
    "gamer",
    "runner",
    "baker",
    "star",
    "moon",
    "tiger",
    "bear",
    "cat",
    "dog",
    "bird",
    "river",
    "wolf",
    "rose",
    "gardener",
    "traveller",
    "reader",
    "coder",
)


def personal_addresses(
    rng: Rng, given: Text, family: Text, country: Ints, birth_year: Ints, number: Ints, bucket: int, buckets: int
) -> Text:
    """A private e-mail address for each person, from ASCII names; a few tell nothing of the name."""
    count = len(country)
    first, last = slug(given), slug(family)
    initial, short = pc.utf8_slice_codeunits(first, 0, 1), pc.utf8_slice_codeunits(last, 0, 1)
    year = digits(birth_year % 100, 2)
    full_year = to_text(birth_year)
    pattern = pick(rng, [0.26, 0.1, 0.1, 0.06, 0.07, 0.1, 0.09, 0.05, 0.05, 0.12], count)
    forms = [
        join(first, last, separator="."),
        join(initial, last, separator="."),
        join(first, last),
        join(last, first, separator="."),
        join(first, last, separator="_"),
        join(first, last, year),
        join(first, year),
        join(initial, last, year),
        join(first, ".", short, full_year),
        join(
            take(text(_WORDS), rng.integers(0, len(_WORDS), count)),
            take(text(_THINGS), rng.integers(0, len(_THINGS), count)),
            to_text(rng.integers(1, 999, count)),
        ),
    ]
    local = pc.choose(pattern, *forms)
    domains = [by_mail for c in COUNTRIES for by_mail, _ in c.mail]
    starts = np.cumsum([0] + [len(c.mail) for c in COUNTRIES])
    index = np.zeros(count, dtype=np.int64)
    for code, plan in enumerate(COUNTRIES):
        rows = np.flatnonzero(country == code)
        index[rows] = starts[code] + pick(rng, [weight for _, weight in plan.mail], len(rows))
    return unique_addresses(local, take(text(domains), index), number, bucket, buckets)


@dataclass(frozen=True)
class Addresses:
    """Postal addresses of a block of people; one row an address."""

    country: Ints
    place: Ints
    street: Ints  # index into the pool of streets
    postcode: Ints  # index into the pool of postcodes
    number: Ints
    unit: Ints  # 0 = a house
    line: Text
    line_ascii: Text

    def take(self, index: Ints) -> Addresses:
        """The addresses at `index`."""
        return Addresses(
            self.country[index],
            self.place[index],
            self.street[index],
            self.postcode[index],
            self.number[index],
            self.unit[index],
            take(self.line, index),
            take(self.line_ascii, index),
        )

    def replaced(self, mask: Mask, others: Addresses) -> Addresses:
        """These addresses, and those of `others` where the mask holds."""
        return Addresses(
            np.where(mask, others.country, self.country),
            np.where(mask, others.place, self.place),
            np.where(mask, others.street, self.street),
            np.where(mask, others.postcode, self.postcode),
            np.where(mask, others.number, self.number),
            np.where(mask, others.unit, self.unit),
            where(mask, others.line, self.line),
            where(mask, others.line_ascii, self.line_ascii),
        )


def draw_addresses(rng: Rng, country: Ints, place: Ints | None = None, flat: Mask | None = None) -> Addresses:
    """An address in a town of the country; street, postcode and town belong together."""
    count = len(country)
    towns = places.places()
    place = towns.draw(rng, country) if place is None else place
    local = (rng.random(count) ** 1.6 * towns.street_count[place]).astype(np.int64)
    starts = np.array([towns.street_slices[c][0] for c in range(len(COUNTRIES))])
    sizes = np.array([towns.street_slices[c][1] for c in range(len(COUNTRIES))])
    street = starts[country] + (place * 7_919 + local * 104_729) % sizes[country]
    postcode = towns.postcode_start[place] + local % towns.postcode_count[place]
    number = 1 + (rng.gamma(1.4, 28.0, count)).astype(np.int64)
    number = np.where(country == 2, number * 10 + 100, number)  # United States: long numbers
    in_flats = rng.random(count) < 0.3 if flat is None else flat
    unit = np.where(in_flats, rng.integers(1, 60, count), 0)
    lines = [_render_lines(country, number, unit, take(names, street)) for names in (towns.street, towns.street_ascii)]
    return Addresses(country, place, street, postcode, number, unit, lines[0], lines[1])


def _render_lines(country: Ints, number: Ints, unit: Ints, street: Text) -> Text:
    """Street lines in the order that the country writes them."""

    def render(code: int, rows: Ints) -> Text:
        name = street.take(rows)
        house, flat = to_text(number[rows]), to_text(unit[rows])
        has_flat = unit[rows] > 0
        kind = COUNTRIES[code].code
        if kind == "GB":
            return where(has_flat, join("Flat ", flat, ", ", house, " ", name), join(house, name, separator=" "))
        if kind == "US":
            return where(has_flat, join(house, " ", name, " Apt. ", flat), join(house, name, separator=" "))
        if kind == "FR":
            return join(house, name, separator=" ")
        if kind == "ES":
            return where(has_flat, join(name, ", ", house, ", Piso ", flat), join(name, house, separator=", "))
        if kind == "PL":
            return where(has_flat, join(name, " ", house, "/", flat), join(name, house, separator=" "))
        if kind == "UA":
            return where(
                has_flat,
                join(name, ", ", house, ", кв. " if name[0].as_py()[0] >= "Ѐ" else ", kv. ", flat),
                join(name, house, separator=", "),
            )
        if kind == "IT":
            return join(name, house, separator=", ")
        return join(name, house, separator=" ")

    return by_group(country, render)
