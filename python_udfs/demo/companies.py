"""Companies that some people work for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from python_udfs.demo import pools
from python_udfs.demo.arrays import Floats, Ints, Rng, Text, by_group, constant, join, pick, take, text
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
    word = take(text(_WORDS), rng.integers(0, len(_WORDS), count))
    forms = by_group(country, lambda code, rows: constant(COUNTRIES[code].legal_form, len(rows)))
    name = join(take(names.family[0], owner), word, forms, separator=" ")
    ends = by_group(
        country, lambda code, rows: constant(_TLD.get(COUNTRIES[code].code, COUNTRIES[code].code.lower()), len(rows))
    )
    number = np.arange(count) + block.first // 50 + block.day * 1_000_000
    stem = join(slug(take(names.family_ascii[0], owner)), slug(word), separator="-")
    # a domain is unique as an address is: the first taker has the plain one, the others a number
    address = unique_addresses(stem, ends, number, block.number, block.buckets)
    domain = text(
        [None if value is None else value.replace("@", ".").replace("_", "") for value in address.to_pylist()]
    )
    employees = np.minimum(20_000, np.maximum(1, rng.lognormal(3.1, 1.4, count))).astype(np.int64)
    return Companies(
        country=country,
        name=name,
        domain=domain,
        desk=take(text(_DESKS), rng.integers(0, len(_DESKS), count)),
        industry=take(text(INDUSTRIES), rng.integers(0, len(INDUSTRIES), count)),
        employees=employees,
        revenue=np.round(employees * rng.lognormal(11.4, 0.5, count), -3),
        addresses=draw_addresses(rng, country),
        phone=draw_numbers(rng, country, landline=True),
        parent=np.where(rng.random(count) < 0.04, rng.integers(0, count, count), -1),
    )
