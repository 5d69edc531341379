"""How a system writes a person down: which of the person's data, in which script, with which errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo import noise, places, pools
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Mask,
    Rng,
    Text,
    by_group,
    chance,
    constant,
    join,
    join_known,
    null_where,
    pick,
    take,
    text,
    where,
)
from python_udfs.demo.contact import PHONE_STYLES, render_phones
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.population import Population


@dataclass(frozen=True)
class Style:
    """Habits of a system; all numbers are shares of its records."""

    native_script: float = 0.7  # Cyrillic and Greek names kept as they are
    nickname: float = 0.08
    typo: float = 0.012  # per text field
    swapped_names: float = 0.01
    stale: float = 0.4  # still holds the old address or name although there is a new one
    upper: float = 0.02
    lower: float = 0.03
    spaces: float = 0.015
    junk: float = 0.006
    no_name: float = 0.03
    no_email: float = 0.05
    no_phone: float = 0.3
    no_landline: float = 0.6
    no_birth: float = 0.3
    no_address: float = 0.1
    no_gender: float = 0.2
    swapped_day: float = 0.008
    false_birth: float = 0.006  # 1900-01-01 and the like
    one_family_name: float = 0.4  # second family name left out (Spain)
    emails: tuple[float, float, float, float, float] = (0.8, 0.12, 0.02, 0.06, 0.0)  # own, second, work, family, office
    phones: tuple[float, ...] = (0.3, 0.2, 0.25, 0.12, 0.06, 0.05, 0.02)


@dataclass(frozen=True)
class Written:
    """Person columns of one system; all of the same length, ready to be put into its tables."""

    given: Text
    middle: Text
    family: Text
    full: Text
    birth_date: Ints
    no_birth: Mask
    gender: Text  # 'female' | 'male' | null
    email: Text
    phone: Text
    landline: Text
    street: Text
    city: Text
    region: Text
    region_code: Text
    postcode: Text
    no_address: Mask
    country: Ints
    who: Ints


def write_down(rng: Rng, pop: Population, who: Ints, created: Ints, updated: Ints, style: Style) -> Written:
    """Records of the people `who` as a system with this style holds them."""
    count = len(who)
    native = chance(rng, style.native_script, count) | pop.latin_names()[who]
    given, family = _names(rng, pop, who, created, updated, style, native)
    middle = noise.missing(
        rng, _script(pools.name_pools().given, pools.name_pools().given_ascii, pop.middle[who], native), 0.5
    )
    given, family = noise.swap_text(chance(rng, style.swapped_names, count), given, family)
    given, family = noise.typos(rng, given, style.typo), noise.typos(rng, family, style.typo)
    case = rng.random(count)
    given, family = (
        where(case < style.upper, pc.utf8_upper(t), where(case > 1 - style.lower, pc.utf8_lower(t), t))
        for t in (given, family)
    )
    given, family = (noise.casing(rng, t, 0.0, 0.0, style.spaces) for t in (given, family))
    given = noise.junk(rng, given, noise.JUNK_NAMES, style.junk)
    nameless = chance(rng, style.no_name, count)
    given, family = null_where(nameless, given), null_where(nameless | chance(rng, 0.01, count), family)
    order = pick(rng, [0.9, 0.035, 0.035, 0.03], count)
    initials = join(pc.utf8_slice_codeunits(given, 0, 1), ".")
    full = pc.choose(
        order,
        join_known(given, family, " "),
        join_known(family, given, ", "),
        join_known(family, given, " "),
        join_known(initials, family, " "),
    )
    full = null_where(nameless, full)

    birth, no_birth = _births(rng, pop.birth_date[who], style)
    gender = where(pop.female[who], constant("female", count), constant("male", count))
    gender = noise.missing(
        rng,
        where(
            chance(rng, 0.008, count),
            where(pop.female[who], constant("male", count), constant("female", count)),
            gender,
        ),
        style.no_gender,
    )

    email = _emails(rng, pop, who, style)
    old = chance(rng, 0.5, count) & (pop.mobile_old[who] >= 0)
    numbers = np.where(old, pop.mobile_old[who], pop.mobile[who])
    numbers = np.where(chance(rng, style.no_phone, count), -1, numbers)
    phone = render_phones(numbers, pop.country[who], pick(rng, style.phones[:PHONE_STYLES], count))
    phone = noise.junk(rng, noise.typos(rng, phone, style.typo * 0.3), noise.JUNK_PHONES, style.junk)
    home = np.where(chance(rng, style.no_landline, count), -1, pop.landline[who])
    landline = render_phones(home, pop.country[who], pick(rng, style.phones[:PHONE_STYLES], count), landline=True)

    at = _address_of(rng, pop, who, created, updated, style)
    towns, ads = places.places(), pop.addresses
    place = ads.place[at]
    no_address = chance(rng, style.no_address, count)
    street = _script(ads.line, ads.line_ascii, at, native)
    street = noise.junk(
        rng,
        noise.casing(rng, noise.typos(rng, street, style.typo * 1.5), style.upper, style.lower, style.spaces),
        ("n/a", "-", "unknown"),
        style.junk,
    )
    city = noise.typos(rng, _script(towns.city, towns.city_ascii, place, native), style.typo)
    city = noise.casing(rng, city, style.upper, style.lower, 0.0)
    postcode = take(towns.postcode, ads.postcode[at])
    squeeze = chance(rng, 0.06, count)
    postcode = where(squeeze, pc.replace_substring(postcode, " ", ""), postcode)
    return Written(
        given=given,
        middle=middle,
        family=family,
        full=full,
        birth_date=birth,
        no_birth=no_birth,
        gender=gender,
        email=email,
        phone=phone,
        landline=landline,
        street=null_where(no_address, street),
        city=null_where(no_address, city),
        region=null_where(
            no_address | chance(rng, 0.3, count), _script(towns.region, towns.region_ascii, place, native)
        ),
        region_code=null_where(no_address, take(towns.region_code, place)),
        postcode=null_where(no_address, noise.typos(rng, postcode, style.typo * 0.5)),
        no_address=no_address,
        country=ads.country[at],
        who=who,
    )


def _script(own: Text, ascii_form: Text, index: Ints, native: Mask) -> Text:
    """Own or ASCII spelling, row by row."""
    return where(native, take(own, index), take(ascii_form, index))


def family_text(pop: Population, who: Ints, index: Ints, native: Mask) -> Text:
    """Family names in the form that the person's gender asks for."""
    names = pools.name_pools()
    male = _script(names.family[0], names.family_ascii[0], index, native)
    return where(pop.female[who], _script(names.family[1], names.family_ascii[1], index, native), male)


def _names(
    rng: Rng, pop: Population, who: Ints, created: Ints, updated: Ints, style: Style, native: Mask
) -> tuple[Text, Text]:
    names = pools.name_pools()
    count = len(who)
    given = _script(names.given, names.given_ascii, pop.given[who], native)
    for at in (0, 1):
        short = where(
            chance(rng, style.nickname / 2, count),
            _script(names.nick[at], names.nick_ascii[at], pop.given[who], native),
            pa.scalar(None, pa.string()),
        )
        given = pc.coalesce(short, given)
    initial = chance(rng, 0.012, count)
    given = where(initial, join(pc.utf8_slice_codeunits(given, 0, 1), "."), given)
    married = pop.married_at[who]
    old = (married >= 0) & ((updated < married) | ((created < married) & chance(rng, style.stale, count)))
    family = family_text(pop, who, np.where(old, pop.family_old[who], pop.family[who]), native)
    both = join(
        family,
        family_text(pop, who, np.where(chance(rng, style.one_family_name, count), -1, pop.family2[who]), native),
        separator=" ",
    )
    double = join(family_text(pop, who, pop.family_old[who], native), family, separator="-")
    hyphen = (married >= 0) & ~old & chance(rng, 0.08, count)
    return given, where(hyphen, double, pc.coalesce(both, family))


def _births(rng: Rng, days: Ints, style: Style) -> tuple[Ints, Mask]:
    """Birth dates with day and month swapped, typing errors in the year, and placeholders."""
    count = len(days)
    moment = days.astype("datetime64[D]")
    months = moment.astype("datetime64[M]")
    day = (moment - months).astype(np.int64) + 1
    month = months.astype(np.int64) % 12 + 1
    year = months.astype(np.int64) // 12 + 1970
    swapped = chance(rng, style.swapped_day, count) & (day <= 12)
    other = ((year - 1970) * 12 + day - 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + month - 1
    out = np.where(swapped, other, days)
    slip = chance(rng, 0.006, count)
    out = np.where(
        slip, out + np.where(rng.random(count) < 0.5, 1, -1) * np.where(rng.random(count) < 0.5, 1, 365), out
    )
    false = chance(rng, style.false_birth, count)
    out = np.where(false, np.where(rng.random(count) < 0.7, -25_567, 0), out)  # 1900-01-01, 1970-01-01
    return out.astype(np.int64), chance(rng, style.no_birth, count)


def _emails(rng: Rng, pop: Population, who: Ints, style: Style) -> Text:
    """One of the person's addresses, with the errors that addresses have."""
    count = len(who)
    kind = pick(rng, style.emails, count)
    own = take(pop.email, who)
    email = pc.choose(
        kind,
        own,
        pc.coalesce(take(pop.email2, who), own),
        pc.coalesce(take(pop.work_mail, who), own),
        pc.coalesce(take(pop.family_mail, who), own),
        pc.coalesce(take(pop.office_mail, who), own),
    )
    email = noise.typos(rng, email, style.typo * 0.5)
    plus = chance(rng, 0.006, count)
    email = where(plus, pc.replace_substring(email, "@", "+shop@"), email)
    case = rng.random(count)
    email = where(case < 0.05, pc.utf8_capitalize(email), where(case > 0.98, pc.utf8_upper(email), email))
    email = noise.casing(rng, email, 0.0, 0.0, style.spaces * 0.5)
    email = noise.junk(rng, email, noise.JUNK_EMAILS, style.junk)
    return null_where(chance(rng, style.no_email, count), email)


def _address_of(rng: Rng, pop: Population, who: Ints, created: Ints, updated: Ints, style: Style) -> Ints:
    """The address the system holds: the present one, or the one before a move it has not heard of."""
    moved = pop.moved_at[who]
    stale = (moved >= 0) & ((updated < moved) | ((created < moved) & chance(rng, style.stale, len(who))))
    alone = pop.address_old[who] >= 2 * (pop.household[-1] + 1)
    # who moved out alone lives at the household's address no longer: the new one is the person's own
    now = np.where(alone, pop.address_old[who], pop.address[who])
    before = np.where(alone, pop.address[who], pop.address_old[who])
    return np.where(stale & (moved >= 0), before, now)


def country_text(rng: Rng, country: Ints, code: float = 0.3, own: float = 0.2, other: float = 0.1) -> Text:
    """Names of countries as people type them: ISO code, English, own language, another spelling."""
    style = pick(rng, [1 - code - own - other, own, other, code], len(country))
    choices = [
        text([c.names[0] for c in COUNTRIES]),
        text([c.names[1] for c in COUNTRIES]),
        text([c.names[2] for c in COUNTRIES]),
        text([c.code for c in COUNTRIES]),
    ]
    return by_group(style, lambda kind, rows: take(choices[kind], country[rows]))


def country_codes(country: Ints) -> Text:
    """ISO 3166-1 alpha-2 codes."""
    return take(text([c.code for c in COUNTRIES]), country)


def age_years(pop: Population, at: int) -> Ints:
    """Whole years of age at a time."""
    return ((at // DAY - pop.birth_date) // 365.2425).astype(np.int64)
