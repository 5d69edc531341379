"""How HubSpot, Salesforce and an enrichment provider write companies down: each in its own way, the CRM tools some of them twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo import noise, places
from python_udfs.demo.accounts import KINDS, salesforce_ids, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Mask,
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
from python_udfs.demo.companies import INDUSTRIES, Companies
from python_udfs.demo.contact import render_phones
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.identity import country_codes, country_text
from python_udfs.demo.population import Block, Population, Window
from python_udfs.demo.writer import table_of

Tables = dict[str, pa.Table]

# Other ways to write the legal form of a country; where there is none, it is written without dots.
_OTHER_FORMS = {
    "GB": ("Limited", "LTD.", "Ltd."),
    "DE": ("G.m.b.H.", "GmbH & Co. KG", "gmbh"),
    "US": ("Inc", "Incorporated", "LLC"),
    "FR": ("S.A.R.L.", "SAS", "Sarl"),
    "ES": ("SL", "S.L.U.", "Sociedad Limitada"),
    "IT": ("SRL", "S.R.L.", "srl"),
    "NL": ("BV", "b.v.", "B.V"),
    "PL": ("sp. z o. o.", "Spółka z o.o.", "SP. Z O.O."),
}
_SHORT = {"Consulting": "Cons.", "Logistics": "Log.", "Services": "Serv.", "Partners": "& Partners", "Systems": "Sys."}
_FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com")


@dataclass(frozen=True)
class Manner:
    """Shares of the records of one system that are written in some way."""

    no_form: float
    other_form: float
    ascii_name: float
    typo: float
    with_city: float
    junk: float
    no_domain: float
    free_mail: float
    no_phone: float
    extension: float
    no_address: float
    city_only: float
    former: float  # of companies that have moved


HUBSPOT = Manner(0.3, 0.12, 0.15, 0.03, 0.03, 0.01, 0.1, 0.03, 0.3, 0.15, 0.25, 0.1, 0.5)
SALESFORCE = Manner(0.25, 0.2, 0.25, 0.04, 0.05, 0.01, 0.25, 0.01, 0.2, 0.2, 0.1, 0.05, 0.5)
COPY = Manner(0.4, 0.2, 0.3, 0.08, 0.05, 0.01, 0.35, 0.03, 0.4, 0.2, 0.35, 0.15, 0.4)
ENRICHMENT = Manner(0.02, 0.1, 0.1, 0.0, 0.0, 0.0, 0.05, 0.0, 0.5, 0.1, 0.1, 0.1, 0.2)


@dataclass(frozen=True)
class Written:
    """Company records as one system has them; one element a record."""

    name: Text
    domain: Text  # bare
    phone: Text
    street: Text
    city: Text
    region: Text
    postcode: Text
    country: Ints
    no_country: Mask


def company_numbers(pop: Population) -> Ints:
    """HubSpot's ids of the block's companies."""
    return _numbers(pop.companies, pop.block)


def account_ids(pop: Population) -> Text:
    """Salesforce's ids of the block's companies."""
    return _account_ids(pop.companies, pop.block)


def in_hubspot(pop: Population) -> Mask:
    """Companies that HubSpot knows (two in three)."""
    return _known(pop.companies, 3)


def in_salesforce(pop: Population) -> Mask:
    """Companies that Salesforce knows (four in five)."""
    return _known(pop.companies, 5)


def _known(firms: Companies, every: int) -> Mask:
    known: Mask = np.arange(firms.count) % every != every - 1
    return known


def _numbers(firms: Companies, block: Block) -> Ints:
    return block.ids(firms.count, KINDS["company"], block.day)


def _account_ids(firms: Companies, block: Block) -> Text:
    return salesforce_ids("001", block.ids(firms.count, KINDS["account"]) % 10**14)


def write_companies(rng: Rng, firms: Companies, who: Ints, manner: Manner) -> Written:
    """Write the companies `who` down in one system's manner."""
    count = len(who)
    country = firms.country[who]
    towns = places.places()
    moved = chance(rng, manner.former, count)
    at = firms.addresses.take(who).replaced(moved, firms.former.take(who))
    city = take(towns.city, at.place)

    stem = where(chance(rng, manner.ascii_name, count), take(firms.stem_ascii, who), take(firms.stem, who))
    for long, short in _SHORT.items():
        stem = where(chance(rng, 0.05, count), pc.replace_substring(stem, long, short), stem)
    spin = rng.random(count)
    kind = rng.integers(0, 3, count)

    def other_form(code: int, rows: Ints) -> Text:
        plain = COUNTRIES[code].legal_form
        return take(text(_OTHER_FORMS.get(COUNTRIES[code].code, (plain.replace(".", ""),) * 3)), kind[rows])

    form = by_group(country, lambda code, rows: constant(COUNTRIES[code].legal_form, len(rows)))
    form = where(spin < manner.no_form + manner.other_form, by_group(country, other_form), form)
    name = where(spin < manner.no_form, stem, join(stem, form, separator=" "))
    name = where(chance(rng, manner.with_city, count), join(stem, city, separator=" "), name)
    name = noise.typos(rng, name, manner.typo)
    name = noise.casing(rng, name, 0.06, 0.03, 0.02)
    name = noise.junk(rng, name, ("n/a", "-", "test", "unknown"), manner.junk)

    second = take(firms.second_domain, who)
    uses_second = chance(rng, 0.5, count) & second.is_valid().to_numpy(zero_copy_only=False)
    domain = where(uses_second, second, take(firms.domain, who))
    domain = where(chance(rng, manner.free_mail, count), text_of(list(_FREE_MAIL), rng, count), domain)
    number = firms.phone[who]
    number = np.where(chance(rng, manner.extension, count), number // 100 * 100 + rng.integers(0, 100, count), number)
    phone = render_phones(number, country, pick(rng, [3, 3, 2, 2, 1, 1, 1], count), landline=True)
    line = where(chance(rng, 0.4, count), at.line_ascii, at.line)
    no_address = chance(rng, manner.no_address, count)
    coarse = no_address | chance(rng, manner.city_only, count)
    return Written(
        name=name,
        domain=null_where(chance(rng, manner.no_domain, count), domain),
        phone=null_where(chance(rng, manner.no_phone, count), phone),
        street=null_where(coarse, line),
        city=null_where(no_address, city),
        region=null_where(no_address, take(towns.region, at.place)),
        postcode=null_where(coarse, take(towns.postcode, at.postcode)),
        country=at.country,
        no_country=no_address & chance(rng, 0.5, count),
    )


def _website(rng: Rng, domain: Text) -> Text:
    """A bare domain as people enter it as a web site."""
    count = len(domain)
    head = text_of(["https://www.", "http://", "www.", "", "https://"], rng, count)
    end = text_of(["", "/", "/contact", "/index.html?lang=en"], rng, count, [6, 3, 1, 1])
    return join(head, where(chance(rng, 0.1, count), pc.utf8_upper(domain), domain), end)


def _with_copies(rng: Rng, known: Mask, share: float) -> tuple[Ints, Mask]:
    """Companies of the records of a system that has a share of its companies twice, and which records are the copies."""
    first = np.flatnonzero(known)
    again = first[chance(rng, share, len(first))]
    who = np.concatenate([first, again])
    return who, np.arange(len(who)) >= len(first)


def _mixed(first: Written, second: Written) -> Written:
    """Two lots of records one after the other."""
    parts: dict[str, Any] = {}
    for name in Written.__dataclass_fields__:
        left, right = getattr(first, name), getattr(second, name)
        is_array = isinstance(left, np.ndarray)
        parts[name] = np.concatenate([left, right]) if is_array else pa.concat_arrays([left, right])
    return Written(**parts)


def company_tables(rng: Rng, firms: Companies, block: Block, window: Window) -> Tables:
    """HubSpot companies, Salesforce accounts and what a provider sells about companies: the same firms, not all of them everywhere."""
    hub, hub_truth = _hubspot(rng, firms, block, window)
    sales, sales_truth = _salesforce(rng, firms, block, window)
    bought, bought_truth = _enrichment(rng, firms, block, window)
    return {
        "hubspot.company": hub,
        "salesforce.account": sales,
        "enrichment.company": bought,
        "truth.account_record": pa.concat_tables([hub_truth, sales_truth, bought_truth]),
    }


def _truth(prefix: str, ids: Text, block: Block, who: Ints) -> pa.Table:
    company = join(f"c{block.number:04d}{block.day:05d}", digits(who, 7))
    return table_of("truth.account_record", {"account_record_id": join(prefix, ids), "company_id": company})


def _hubspot(rng: Rng, firms: Companies, block: Block, window: Window) -> tuple[pa.Table, pa.Table]:
    who, is_copy = _with_copies(rng, _known(firms, 3), 0.07)
    count = len(who)
    own, copied = (
        write_companies(rng, firms, who[rows], kind) for rows, kind in ((~is_copy, HUBSPOT), (is_copy, COPY))
    )
    written = _mixed(own, copied)
    ids = np.where(is_copy, block.ids(firms.count, KINDS["company_copy"], block.day)[who], _numbers(firms, block)[who])
    created = window.start - rng.integers(0, 800, count) * DAY
    table = table_of(
        "hubspot.company",
        {
            "id": ids,
            "property_name": written.name,
            "property_domain": written.domain,
            "property_industry": take(firms.industry, who),
            "property_numberofemployees": pa.array(firms.employees[who], mask=chance(rng, 0.2, count)),
            "property_annualrevenue": pa.array(firms.revenue[who], mask=chance(rng, 0.4, count)),
            "property_address": written.street,
            "property_city": written.city,
            "property_state": written.region,
            "property_zip": written.postcode,
            "property_country": null_where(written.no_country, country_text(rng, written.country)),
            "property_phone": written.phone,
            "property_createdate": timestamps(created),
            "is_deleted": chance(rng, 0.01, count),
            "_fivetran_synced": timestamps(created + DAY),
        },
    )
    return table, _truth("hubspot:company:", to_text(ids), block, who)


def _salesforce(rng: Rng, firms: Companies, block: Block, window: Window) -> tuple[pa.Table, pa.Table]:
    known = _known(firms, 5)
    who, is_copy = _with_copies(rng, known, 0.07)
    count = len(who)
    lots = ((~is_copy, SALESFORCE), (is_copy, COPY))
    written = _mixed(*(write_companies(rng, firms, who[rows], kind) for rows, kind in lots))
    own_ids = _account_ids(firms, block)
    copy_ids = salesforce_ids("001", block.ids(firms.count, KINDS["account_copy"]) % 10**14)
    ids = where(is_copy, take(copy_ids, who), take(own_ids, who))
    parent = firms.parent[who]
    # Half of the hierarchies are in the CRM.
    stated = (parent >= 0) & known[np.maximum(parent, 0)] & chance(rng, 0.5, count)
    created = window.start - rng.integers(0, 800, count) * DAY
    table = table_of(
        "salesforce.account",
        {
            "id": ids,
            "name": written.name,
            "website": _website(rng, written.domain),
            "phone": written.phone,
            "industry": where(
                chance(rng, 0.1, count), text_of(list(INDUSTRIES), rng, count), take(firms.industry, who)
            ),
            "annual_revenue": pa.array(firms.revenue[who], mask=chance(rng, 0.3, count)),
            "number_of_employees": pa.array(firms.employees[who], mask=chance(rng, 0.2, count)),
            "billing_street": written.street,
            "billing_city": written.city,
            "billing_state": written.region,
            "billing_postal_code": written.postcode,
            "billing_country": null_where(written.no_country, country_text(rng, written.country, 0.1, 0.1, 0.1)),
            "billing_country_code": null_where(
                written.no_country | chance(rng, 0.2, count), country_codes(written.country)
            ),
            "parent_id": take(own_ids, np.where(stated, parent, -1)),
            "type": text_of(["Customer", "Prospect", "Partner"], rng, count, [5, 4, 1]),
            "is_deleted": chance(rng, 0.01, count),
            "last_activity_date": timestamps(window.end - rng.integers(1, 500, count) * DAY),
            "_fivetran_synced": timestamps(created + DAY),
        },
    )
    return table, _truth("salesforce:account:", ids, block, who)


def _enrichment(rng: Rng, firms: Companies, block: Block, window: Window) -> tuple[pa.Table, pa.Table]:
    known = chance(rng, 0.6, firms.count)
    who = np.flatnonzero(known)
    count = len(who)
    written = write_companies(rng, firms, who, ENRICHMENT)
    own_ids = join("en-", to_text(block.ids(firms.count, KINDS["enrichment"])))
    ids = take(own_ids, who)
    parent = firms.parent[who]
    stated = (parent >= 0) & known[np.maximum(parent, 0)] & chance(rng, 0.6, count)
    seen = window.end - rng.integers(1, 400, count) * DAY
    table = table_of(
        "enrichment.company",
        {
            "company_id": ids,
            "company_name": written.name,
            "website": _website(rng, written.domain),
            "industry": take(firms.industry, who),
            "employee_count": pa.array(firms.employees[who]),
            "annual_revenue": pa.array(firms.revenue[who], mask=chance(rng, 0.2, count)),
            "founded_year": rng.integers(1950, 2024, count),
            "phone": written.phone,
            "street_address": written.street,
            "city": written.city,
            "region": written.region,
            "postal_code": written.postcode,
            "country": null_where(written.no_country, country_codes(written.country)),
            "parent_company_id": take(own_ids, np.where(stated, parent, -1)),
            "observed_at": timestamps(seen),
            "loaded_at": timestamps(np.minimum(seen + DAY, window.end - 60)),
        },
    )
    return table, _truth("enrichment:company:", ids, block, who)
