"""Companies that some people work for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from python_udfs.demo import pools
from python_udfs.demo.arrays import (
    Floats,
    Ints,
    Rng,
    Text,
    by_group,
    constant,
    join,
    null_where,
    pick,
    take,
    text,
    where,
)
from python_udfs.demo.contact import Addresses, draw_addresses, draw_numbers, slug, unique_addresses
from python_udfs.demo.countries import COUNTRIES

if TYPE_CHECKING:
    from python_udfs.demo.population import Block

INDUSTRIES = (
    "Retail",
    "Manufacturing",
    "Construction",
    "Hospitality",
    "Information Technology",
    "Health Care",
    "Logistics",
    "Consulting",
    "Education",
    "Real Estate",
)
_WORDS = (
    "Consulting",
    "Bau",
    "Logistics",
    "Studio",
    "Foods",
    "Systems",
    "Partners",
    "Design",
    "Trading",
    "Medical",
    "Media",
    "Garden",
    "Hotels",
    "Tech",
    "Works",
    "Services",
)
SUBSIDIARIES, NAMESAKES, MOVED = 0.09, 0.05, 0.1
# How a subsidiary is like its parent: the parent's name with a country, the owner's name in another trade, a holding at the parent's
# own address, or (bought) not at all.
ABROAD, OTHER_TRADE, HOLDING, BOUGHT, INDEPENDENT = range(5)
_DESKS = ("info", "office", "contact", "sales", "admin")
_TLD = {"GB": "co.uk", "US": "com"}
TITLES = (
    "Managing Director",
    "Sales Manager",
    "Office Manager",
    "Buyer",
    "Accountant",
    "Marketing Manager",
    "Engineer",
    "Consultant",
    "Operations Manager",
    "Assistant",
    "IT Manager",
    "Head of Procurement",
    "Designer",
    "Owner",
    "HR Manager",
)


@dataclass(frozen=True)
class Companies:
    """Companies of one block; arrays with one element a company."""

    country: Ints
    name: Text
    domain: Text
    desk: Text  # local part of the shared mailbox
    industry: Text
    employees: Ints
    revenue: Floats
    addresses: Addresses
    phone: Ints  # landline number
    parent: Ints  # mother company, -1 for most
    stem: Text  # the name without the legal form
    stem_ascii: Text
    second_domain: Text  # null for most
    former: Addresses  # where they were before they moved; the same as `addresses` for most

    @property
    def count(self) -> int:
        """Number of companies."""
        return len(self.country)

    def pick_for(self, rng: Rng, country: Ints) -> Ints:
        """A company of the same country for each person (-1 where the country has none); large ones more often."""
        out = np.full(len(country), -1, dtype=np.int64)
        weight = np.sqrt(self.employees)
        for code in range(len(COUNTRIES)):
            rows, own = np.flatnonzero(country == code), np.flatnonzero(self.country == code)
            if len(own):
                out[rows] = own[pick(rng, weight[own].tolist(), len(rows))]
        return out


def draw_companies(rng: Rng, block: Block, people_country: Ints, count: int) -> Companies:
    """Draw `count` companies in the countries where the people live."""
    names = pools.name_pools()
    country = people_country[rng.integers(0, len(people_country), count)]
    owner = names.draw_family(rng, country)
    word = rng.integers(0, len(_WORDS), count)
    employees = np.minimum(20_000, np.maximum(1, rng.lognormal(3.1, 1.4, count))).astype(np.int64)
    desk = take(text(_DESKS), rng.integers(0, len(_DESKS), count))
    industry = take(text(INDUSTRIES), rng.integers(0, len(INDUSTRIES), count))
    revenue = np.round(employees * rng.lognormal(11.4, 0.5, count), -3)
    addresses = draw_addresses(rng, country)
    phone = draw_numbers(rng, country, landline=True)
    parent = np.where(rng.random(count) < SUBSIDIARIES, rng.integers(0, count, count), -1)
    # What follows is drawn apart, so that people are the same whatever companies are like.
    draw = rng.spawn(1)[0]
    parent = np.where(parent[np.maximum(parent, 0)] >= 0, -1, parent)  # groups of two levels
    parent = np.where(parent == np.arange(count), -1, parent)
    kin = np.where(parent >= 0, pick(draw, [35, 35, 15, 15], count), INDEPENDENT)
    of_parent = np.where(kin >= BOUGHT, np.arange(count), np.maximum(parent, 0))
    # Namesakes: the same name in another town, another company.
    other = draw.integers(0, count, count)
    twin = (kin == INDEPENDENT) & (country[other] == country) & (draw.random(count) < NAMESAKES / 0.15)
    model = np.where(twin, other, of_parent)
    turn = np.where(kin == OTHER_TRADE, draw.integers(1, len(_WORDS), count), 0)
    owner, word = owner[model], (word[model] + turn) % len(_WORDS)
    country = np.where(kin == HOLDING, country[of_parent], country)
    same_place = np.where(kin == HOLDING, of_parent, np.arange(count))
    tail = where(
        kin == HOLDING,
        constant(" Holding", count),
        where(
            kin == ABROAD,
            by_group(country, lambda code, rows: constant(" " + COUNTRIES[code].names[0], len(rows))),
            constant("", count),
        ),
    )
    written = take(text(_WORDS), word)
    stem = join(join(take(names.family[0], owner), written, separator=" "), tail)
    stem_ascii = join(join(take(names.family_ascii[0], owner), written, separator=" "), tail)
    forms = by_group(country, lambda code, rows: constant(COUNTRIES[code].legal_form, len(rows)))
    ends = by_group(
        country, lambda code, rows: constant(_TLD.get(COUNTRIES[code].code, COUNTRIES[code].code.lower()), len(rows))
    )
    number = np.arange(count) + block.first // 50 + block.day * 1_000_000
    label = join(slug(take(names.family_ascii[0], owner)), slug(written), separator="-")
    # a domain is unique as an address is: the first taker has the plain one, the others a number
    address = unique_addresses(label, ends, number, block.number, block.buckets)
    domain = text(
        [None if value is None else value.replace("@", ".").replace("_", "") for value in address.to_pylist()]
    )
    shared = (kin == HOLDING) | ((kin == ABROAD) & (draw.random(count) < 0.8))
    shared |= (kin == OTHER_TRADE) & (draw.random(count) < 0.5)
    domain = take(domain, np.where(shared, of_parent, np.arange(count)))
    second = text(
        [None if value is None else value.partition(".")[0].replace("-", "") + ".com" for value in domain.to_pylist()]
    )
    addresses = addresses.take(same_place)
    moved = draw.random(count) < MOVED
    elsewhere = draw_addresses(draw, country)
    return Companies(
        country=country,
        name=join(stem, forms, separator=" "),
        domain=domain,
        desk=desk,
        industry=industry,
        employees=employees,
        revenue=revenue,
        addresses=addresses,
        phone=phone[same_place],
        parent=parent,
        stem=stem,
        stem_ascii=stem_ascii,
        second_domain=null_where((draw.random(count) >= 0.12) | shared, second),
        former=addresses.replaced(moved, elsewhere),
    )
