"""The people: households, names over time, contact points, employers and how they behave.

Everything is an array with one element a person; text is kept as an index into a pool, so that a
block of 100,000 people takes a few megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from python_udfs.demo import places, pools
from python_udfs.demo.arrays import DAY, Floats, Ints, Mask, Rng, Text, chance, join, pick, take, text, where
from python_udfs.demo.companies import Companies, draw_companies
from python_udfs.demo.contact import Addresses, draw_addresses, draw_numbers, personal_addresses, slug, unique_addresses
from python_udfs.demo.countries import COUNTRIES

_LATIN = np.array([country.code not in pools.CYRILLIC_OR_GREEK for country in COUNTRIES])
_SPAIN = [country.code for country in COUNTRIES].index("ES")


@dataclass(frozen=True)
class Window:
    """Times in which things happen: [start, end), seconds; `day` 0 is the base, K the day after it."""

    start: int
    end: int
    day: int = 0
    base_start: int = 0


@dataclass(frozen=True)
class Block:
    """Which people: numbers first .. first + count - 1, and what makes their ids unlike all others'."""

    first: int
    count: int
    number: int  # of the block
    buckets: int  # number of blocks, for unique mail addresses
    day: int = 0  # the day the people are new on; 0 = base

    def ids(self, count: int, kind: int, day: int | None = None) -> Ints:
        """`count` numeric ids that no other block, day or kind of thing has (16 digits)."""
        day = self.day if day is None else day
        return np.arange(count, dtype=np.int64) + ((kind * 10_000 + day) * 1_000 + self.number) * 10_000_000


@dataclass
class Population:
    """One block of people (arrays of length n); index -1 or time -1 means there is none."""

    block: Block
    country: Ints
    household: Ints
    role: Ints  # 0 first adult, 1 second adult, 2+ child or flatmate
    female: Mask
    birth_date: Ints  # days since 1970
    twin_of: Ints  # person whose twin it is
    name_country: Ints  # whose names the family has
    given: Ints
    middle: Ints
    family: Ints
    family2: Ints  # second family name (Spain)
    family_old: Ints  # before marriage
    married_at: Ints
    address: Ints
    address_old: Ints
    moved_at: Ints
    addresses: Addresses
    mobile: Ints
    mobile_old: Ints
    landline: Ints  # the household's
    email: Text
    email2: Text  # second address of the same person, null for most
    family_mail: Text  # the household's mailbox
    work_mail: Text
    office_mail: Text  # the shared mailbox of the company
    company: Ints
    companies: Companies
    joined: Ints  # when the person first met the business
    activity: np.ndarray  # around 1: how much the person does at all
    opt_in: np.ndarray  # inclination to agree to marketing, 0..1
    careful: np.ndarray  # 0..1: how cleanly the person types

    @property
    def count(self) -> int:
        """Number of people."""
        return len(self.country)

    @property
    def number(self) -> Ints:
        """Number of each person over all blocks."""
        return np.arange(self.block.first, self.block.first + self.count, dtype=np.int64)

    def latin_names(self) -> Mask:
        """People whose names are in Latin script at home."""
        return _LATIN[self.name_country]


def _households(rng: Rng, count: int) -> tuple[Ints, Ints, Ints]:
    """Household number, role in it and household size for each of `count` people."""
    sizes = pick(rng, [0.44, 0.30, 0.13, 0.10, 0.03], count) + 1
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), count)) + 1]
    household = np.repeat(np.arange(len(sizes)), sizes)[:count]
    role = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)[:count]
    return household, role, sizes[household]


def _grown(rng: Rng, age: Floats) -> Floats:
    """Ages of children; who would be younger than 14 is 14 to 18, since smaller ones are nobody's customers."""
    return np.where(age < 14, 14 + 4 * rng.random(len(age)), age)


def _births(rng: Rng, until: int, household: Ints, role: Ints, flatmates: Mask) -> tuple[Ints, Ints]:
    """Birth dates (days since 1970) and the number of the twin (-1: none)."""
    count = len(role)
    first = np.searchsorted(household, household)
    pyramid = [0.09, 0.17, 0.18, 0.17, 0.17, 0.13, 0.07, 0.02]  # ages 18-24, 25-34, ... 85-94
    low = np.array([18, 25, 35, 45, 55, 65, 75, 85])
    band = pick(rng, pyramid, count)
    age = low[band] + rng.random(count) * np.where(band == 0, 7, 10)
    parent = np.maximum(age[first], 34 + 20 * rng.random(count)[first])
    has_child = np.bincount(household, weights=(role >= 2) & ~flatmates)[household] > 0
    age = np.where(has_child & (role == 0), parent, age)
    age = np.where((role == 1) & ~flatmates, np.clip(age[first] + rng.normal(-1, 4, count), 18, 95), age)
    age = np.where((role >= 2) & ~flatmates, _grown(rng, age[first] - rng.normal(28, 4.5, count)), age)
    days = (until // DAY - age * 365.2425).astype(np.int64)
    twin = np.full(count, -1, dtype=np.int64)
    pairs = (
        np.flatnonzero(
            (role[1:] >= 3)
            & (role[:-1] >= 2)
            & (household[1:] == household[:-1])
            & ~flatmates[1:]
            & chance(rng, 0.16, count - 1)
        )
        + 1
    )
    pairs = pairs[~np.isin(pairs - 1, pairs)]
    twin[pairs] = pairs - 1
    days[pairs] = days[pairs - 1]
    return days, twin


def make_population(rng: Rng, block: Block, window: Window) -> Population:
    """Draw the people of one block."""
    count = block.count
    names = pools.name_pools()
    household, role, size = _households(rng, count)
    first = np.searchsorted(household, household)  # the first adult of the household
    country = pick(rng, [c.weight for c in COUNTRIES], count)[first]
    flatmates = (chance(rng, 0.12, count)[first]) & (size >= 2) & (size <= 4) & (role >= 1)
    days, twin = _births(rng, window.end, household, role, flatmates)
    partner = (role == 1) & ~flatmates
    female = chance(rng, 0.51, count)
    female = np.where(partner & chance(rng, 0.94, count), ~female[first], female)
    migrant = chance(rng, 0.07, count)
    abroad = pick(rng, [c.weight for c in COUNTRIES], count)
    own_names = np.where(migrant, abroad, country)
    name_country = np.where(flatmates | (role == 0) | (partner & chance(rng, 0.15, count)), own_names, own_names[first])

    given = names.draw_given(rng, name_country, female)
    spanish = name_country == _SPAIN
    own_family = names.draw_family(rng, name_country)
    family = own_family.copy()
    family2 = np.where(spanish, names.draw_family(rng, name_country), -1)
    shares = partner & ~spanish & chance(rng, 0.66, count) & (name_country == name_country[first])
    family = np.where(shares, own_family[first], family)
    married = shares & chance(rng, 0.45, count) & (window.end // DAY - days > 22 * 365)
    married_at = np.where(married, window.end - (rng.random(count) ** 0.7 * 5 * 365 * DAY).astype(np.int64), -1)
    family_old = np.where(married, own_family, -1)
    child = (role >= 2) & ~flatmates
    family = np.where(child, own_family[first], family)
    second = np.minimum(first + 1, count - 1)
    family2 = np.where(
        child & spanish, np.where(household[second] == household, own_family[second], own_family[first]), family2
    )
    junior = child & ~female & ~female[first] & (twin < 0) & chance(rng, 0.04, count)
    given = np.where(junior, given[first], given)
    given = _alike_twins(rng, names, given, twin, female, name_country)
    middle = np.where(chance(rng, 0.09, count), names.draw_given(rng, name_country, female), -1)

    homes = int(household[-1]) + 1
    heads = np.searchsorted(household, np.arange(homes))
    big_flat = np.where(flatmates[np.minimum(heads + 1, count - 1)], chance(rng, 0.9, homes), chance(rng, 0.35, homes))
    now = draw_addresses(rng, country[heads], flat=big_flat.astype(bool))
    stayed = np.where(chance(rng, 0.6, homes), now.place, places.places().draw(rng, country[heads]))
    before = draw_addresses(rng, country[heads], place=stayed)
    alone = draw_addresses(
        rng, country, place=np.where(chance(rng, 0.5, count), now.place[household], places.places().draw(rng, country))
    )
    addresses = _stack(now, before, alone)
    moved_home = (chance(rng, 0.24, homes))[household]
    moved_alone = chance(rng, 0.1, count) & (role >= 1)
    home_moved_at = (window.end - rng.random(homes) * 6 * 365 * DAY).astype(np.int64)[household]
    moved_at = np.where(
        moved_alone,
        (window.end - rng.random(count) * 5 * 365 * DAY).astype(np.int64),
        np.where(moved_home, home_moved_at, -1),
    )
    address_old = np.where(moved_alone, 2 * homes + np.arange(count), np.where(moved_home, homes + household, -1))

    mobile = draw_numbers(rng, country)
    mobile_old = np.where(chance(rng, 0.18, count), draw_numbers(rng, country), -1)
    home_phone = draw_numbers(rng, country[heads], landline=True)[household]
    landline = np.where(chance(rng, 0.62, homes)[household], home_phone, -1)

    number = np.arange(block.first, block.first + count, dtype=np.int64)
    ascii_given = names.given_ascii.take(given)
    ascii_family = where(female, take(names.family_ascii[1], family), take(names.family_ascii[0], family))
    birth_year = 1970 + days // 365.2425
    twice = np.concatenate([np.arange(count), np.arange(count)])
    addresses_of = personal_addresses(
        rng,
        ascii_given.take(twice),
        ascii_family.take(twice),
        country[twice],
        birth_year.astype(np.int64)[twice],
        np.concatenate([number * 2, number * 2 + 1]),
        block.number,
        block.buckets,
    )
    email, second_mail = addresses_of.slice(0, count), addresses_of.slice(count)
    email2 = take(second_mail, np.where(chance(rng, 0.32, count), np.arange(count), -1))
    has_mailbox = ((chance(rng, 0.08, homes)) & (np.bincount(household) >= 2))[household]
    mailbox = unique_addresses(
        join("family.", slug(take(names.family_ascii[0], own_family[heads]))),
        take(text(["gmail.com", "outlook.com", "icloud.com"]), pick(rng, [3, 1, 1], homes)),
        block.first + heads + 500_000_000,
        block.number,
        block.buckets,
    )
    family_mail = take(mailbox, np.where(has_mailbox, household, -1))

    companies = draw_companies(rng, block, country, max(1, count // 55))
    adult = window.end // DAY - days > 21 * 365
    company = np.where(adult & chance(rng, 0.13, count), companies.pick_for(rng, country), -1)
    in_company = np.maximum(company, 0)
    work = unique_addresses(
        join(slug(ascii_given), slug(ascii_family), separator="."), take(companies.domain, in_company), number * 2, 0, 1
    )
    work_mail = take(work, np.where(company >= 0, np.arange(count), -1))
    office = join(take(companies.desk, in_company), take(companies.domain, in_company), separator="@")
    span = window.end - window.start
    joined = (
        (window.start + rng.random(count) ** 1.15 * span).astype(np.int64)
        if window.day
        else (window.start - 120 * DAY + rng.random(count) ** 1.3 * (span + 110 * DAY)).astype(np.int64)
    )
    return Population(
        block=block,
        country=country,
        household=household,
        role=role,
        female=female,
        birth_date=days,
        twin_of=twin,
        name_country=name_country,
        given=given,
        middle=middle,
        family=family,
        family2=family2,
        family_old=family_old,
        married_at=married_at,
        address=household,
        address_old=address_old,
        moved_at=moved_at,
        addresses=addresses,
        mobile=mobile,
        mobile_old=mobile_old,
        landline=landline,
        email=email,
        email2=email2,
        family_mail=family_mail,
        work_mail=work_mail,
        office_mail=take(office, np.where(company >= 0, np.arange(count), -1)),
        company=company,
        companies=companies,
        joined=joined,
        activity=rng.gamma(1.6, 1 / 1.6, count),
        opt_in=rng.beta(2.2, 2.0, count),
        careful=rng.beta(4.0, 1.6, count),
    )


def _alike_twins(rng: Rng, names: pools.NamePools, given: Ints, twin: Ints, female: Mask, name_country: Ints) -> Ints:
    """Give three in ten twins a name with the same first letter as the other one's."""
    given = given.copy()
    for person in np.flatnonzero((twin >= 0) & chance(rng, 0.3, len(twin))).tolist():
        start, edges = names.given_slices[int(name_country[person]), int(female[person])]
        letter = names.given[int(given[twin[person]])].as_py()[:1]
        for _ in range(40):
            other = start + int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))
            if other != given[twin[person]] and names.given[other].as_py()[:1] == letter:
                given[person] = other
                break
    same = (twin >= 0) & (given == given[np.maximum(twin, 0)])
    for person in np.flatnonzero(same).tolist():  # parents do not give both the same name
        start, edges = names.given_slices[int(name_country[person]), int(female[person])]
        given[person] = start + (given[person] - start + 1) % len(edges)
    return given


def _stack(*parts: Addresses) -> Addresses:
    """Several sets of addresses as one."""
    numbers = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("country", "place", "street", "postcode", "number", "unit")
    ]
    lines = [pa.concat_arrays([getattr(part, name) for part in parts]) for name in ("line", "line_ascii")]
    return Addresses(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], lines[0], lines[1])
