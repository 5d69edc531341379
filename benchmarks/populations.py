"""Populations of made-up people, each with one trait that misleads a linkage, as tables of records with known truth.

A population is a function of its size and seed: people are drawn with the names of a country, live somewhere, have contact points, and
leave records in several systems. A record has what its system asks for, as it was on the day it was written: people move, marry, change
numbers, shorten their names and mistype. The linkage sees the records alone.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa
from anyascii import anyascii
from faker import Faker

COLUMNS = (
    "record_id",
    "source",
    "truth",
    "given_name",
    "middle_name",
    "family_name",
    "birth_date",
    "gender",
    "email",
    "phone",
    "street_address",
    "city",
    "postal_code",
    "country",
)
ATTRIBUTES = COLUMNS[3:]
# What is removed together when one kind of evidence is left out.
KINDS = {
    "name": ("given_name", "middle_name", "family_name"),
    "birth_date": ("birth_date",),
    "gender": ("gender",),
    "email": ("email",),
    "phone": ("phone",),
    "address": ("street_address", "city", "postal_code"),
}

Record = dict[str, str | None]

_SHORT_NAMES = {
    "GB US": "William Bill,William Will,Robert Bob,Robert Rob,Richard Dick,Richard Rick,Michael Mike,Elizabeth Liz,Elizabeth Beth,"
    "Katherine Kate,Catherine Cathy,Margaret Maggie,James Jim,Thomas Tom,Jennifer Jen,Jennifer Jenny,Christopher Chris,"
    "Christine Chris,Matthew Matt,Joseph Joe,Daniel Dan,Patricia Pat,Patricia Trish,Deborah Debbie,Susan Sue,Anthony Tony,"
    "Nicholas Nick,Samuel Sam,Andrew Andy,Rebecca Becky,Stephanie Steph,Jessica Jess,Benjamin Ben,Timothy Tim,Gregory Greg,"
    "Edward Ted,Charles Charlie,Kimberly Kim,Victoria Vicky,Abigail Abby,Alexandra Alex,Alexander Alex,Jonathan Jon,Joshua Josh",
    "DE": "Katharina Kathi,Elisabeth Lisa,Johannes Hannes,Maximilian Max,Alexander Alex,Sebastian Basti,Susanne Susi,Matthias Matze,"
    "Wolfgang Wolf,Friedrich Fritz,Josef Sepp,Margarete Grete,Hans-Peter Hans,Karl-Heinz Karl,Ursula Uschi,Michael Michi",
}
_PROVIDERS = {
    "GB": ("gmail.com", "hotmail.co.uk", "yahoo.co.uk", "outlook.com", "btinternet.com"),
    "US": ("gmail.com", "yahoo.com", "outlook.com", "icloud.com", "comcast.net"),
    "DE": ("gmx.de", "web.de", "gmail.com", "t-online.de", "posteo.de"),
    "GR": ("gmail.com", "yahoo.gr", "hotmail.com", "otenet.gr"),
    "RU": ("mail.ru", "yandex.ru", "gmail.com", "rambler.ru"),
}
_LOCALES = {"GB": "en_GB", "US": "en_US", "DE": "de_DE", "GR": "el_GR", "RU": "ru_RU"}
# A second way to write a romanized name, as passports, banks and people themselves do.
_ROMANIZED = (
    ("ya", "ia"), ("yu", "iu"), ("kh", "h"), ("ch", "tch"), ("iy", "y"), ("ks", "x"), ("zh", "j"), ("ey", "ei"),
    ("ou", "u"), ("ph", "f"), ("th", "t"), ("gg", "ng"), ("ch", "h"), ("y", "i"), ("g", "gh"),
)  # fmt: skip


@dataclass
class Person:
    """One person, with everything that is true of them at some time."""

    number: int
    country: str
    given_name: str
    middle_name: str
    family_name: str
    birth_date: dt.date
    gender: str
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    homes: list[tuple[str, str, str]] = field(default_factory=list)
    maiden_name: str | None = None
    household: int | None = None
    """Number of the first person of the household; None for somebody who lives alone, if perhaps beside others."""


@dataclass
class Town:
    """A place: its name, its postal codes, each with its streets, and how big it is."""

    name: str
    streets: dict[str, list[str]]
    weight: float


@dataclass
class Errors:
    """How often a value is written otherwise than it is; probabilities per value."""

    typing: float = 0.02
    short_name: float = 0.08
    swapped_names: float = 0.005
    date: float = 0.02
    other_home: float = 0.1
    other_email: float = 0.2
    other_phone: float = 0.25
    street_style: float = 0.15


@dataclass(frozen=True)
class System:
    """A system that holds records: its name, the share of people it has, and the share of records that fill in each attribute."""

    name: str
    share: float
    filled: dict[str, float]
    again: float = 0.0
    """Share of its people who are in it a second time."""


_ALWAYS = dict.fromkeys(ATTRIBUTES, 1.0) | {"middle_name": 0.0}
SYSTEMS = (
    System("crm", 0.6, _ALWAYS | {"middle_name": 0.3, "gender": 0.7, "birth_date": 0.6, "phone": 0.7}, again=0.1),
    System("shop", 0.6, _ALWAYS | {"middle_name": 0.02, "gender": 0.0, "birth_date": 0.05, "phone": 0.6}, again=0.15),
    System(
        "newsletter",
        0.35,
        {"email": 1.0, "given_name": 0.7, "family_name": 0.6, "country": 0.5, "birth_date": 0.1, "postal_code": 0.2},
        again=0.05,
    ),
    System("support", 0.25, {"given_name": 0.9, "family_name": 0.9, "email": 0.9, "phone": 0.5, "country": 0.6}),
    System("tills", 0.4, _ALWAYS | {"email": 0.4, "phone": 0.5, "gender": 0.9, "birth_date": 0.8}, again=0.08),
)


class World:
    """Draws people, places and contact points of one or more countries; the same seed gives the same world."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.seed = seed
        self._names: dict[str, Faker] = {}
        self._taken: set[str] = set()
        self.people: list[Person] = []

    def names(self, country: str) -> Faker:
        """The source of names of a country."""
        if country not in self._names:
            self._names[country] = Faker(_LOCALES[country])
            self._names[country].seed_instance(self.seed)
        return self._names[country]

    def hit(self, probability: float) -> bool:
        """True with this probability."""
        return self.chance.random() < probability

    def postal_code(self, country: str, area: str) -> str:
        """A postal code in the format of the country; codes of one area begin alike."""
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        digits = f"{self.chance.randrange(100):02d}"
        if country == "GB":
            return f"{area[:2]}{self.chance.randrange(1, 20)} {self.chance.randrange(1, 10)}{''.join(self.chance.choices(letters, k=2))}"
        return f"{int(area[2:]) % 900 + 100}{digits}"

    def towns(self, country: str, count: int, codes: int, streets: int) -> list[Town]:
        """Towns of falling size, each with postal codes that begin alike, and streets per code."""
        names = self.names(country)
        made = []
        for number in range(count):
            area = "".join(self.chance.choices("BCDEGLMNPRSTW", k=2)) + str(self.chance.randrange(900))
            districts = {
                self.postal_code(country, area): [names.street_name() for _ in range(streets)] for _ in range(codes)
            }
            made.append(Town(names.city(), districts, 1.0 / (number + 3)))
        return made

    def home(self, towns: list[Town], doors: int = 120) -> tuple[str, str, str]:
        """An address: street line, town, postal code."""
        town = self.chance.choices(towns, [town.weight for town in towns])[0]
        code = self.chance.choice(list(town.streets))
        return self.chance.choice(town.streets[code]), f"{self.chance.randrange(1, doors)}", f"{town.name}|{code}"

    def phone(self, country: str, mobile: bool = True) -> str:
        """A phone number that nobody else has, in international format."""
        while True:
            if country == "GB":
                number = (
                    "+447" + str(self.chance.randrange(400_000_000, 599_999_999))
                    if mobile
                    else ("+44161" + str(self.chance.randrange(2_000_000, 9_999_999)))
                )
            elif country == "US":
                number = (
                    f"+1{self.chance.choice((212, 312, 415, 617, 713))}{self.chance.randrange(2_000_000, 9_999_999)}"
                )
            elif country == "DE":
                number = (
                    "+49151" + str(self.chance.randrange(10_000_000, 99_999_999))
                    if mobile
                    else ("+4930" + str(self.chance.randrange(2_000_000, 9_999_999)))
                )
            elif country == "GR":
                number = "+3069" + str(self.chance.randrange(40_000_000, 89_999_999))
            else:
                number = "+7916" + str(self.chance.randrange(1_000_000, 9_999_999))
            if number not in self._taken:
                self._taken.add(number)
                return number

    def email(self, person: Person, domain: str | None = None) -> str:
        """An e-mail address, mostly made of the name, that nobody else has."""
        given = "".join(c for c in anyascii(person.given_name).lower() if c.isalpha())
        family = "".join(c for c in anyascii(person.family_name).lower() if c.isalpha())
        domain = domain or self.chance.choice(_PROVIDERS[person.country])
        kind = self.chance.random()
        if kind < 0.4:
            local = f"{given}.{family}"
        elif kind < 0.6:
            local = f"{given[:1]}{family}"
        elif kind < 0.75:
            local = f"{given}{person.birth_date.year % 100:02d}"
        elif kind < 0.85:
            local = f"{family}{given[:1]}{self.chance.randrange(100)}"
        else:
            local = "".join(self.chance.choices("abcdefghiklmnoprstuvz", k=6)) + str(self.chance.randrange(1000))
        address = f"{local}@{domain}"
        while address in self._taken:
            address = f"{local}{self.chance.randrange(1, 10_000)}@{domain}"
        self._taken.add(address)
        return address

    def person(
        self,
        country: str,
        towns: list[Town],
        home: tuple[str, str, str] | None = None,
        family_name: str | None = None,
        born: tuple[int, int] = (1940, 2004),
        gender: str | None = None,
    ) -> Person:
        """One more person; what is not given is drawn."""
        names = self.names(country)
        gender = gender or self.chance.choice(("female", "male"))
        female = gender == "female"
        family = family_name or (names.last_name_female() if female else names.last_name_male())
        first = names.first_name_female if female else names.first_name_male
        start = dt.date(born[0], 1, 1)
        person = Person(
            number=len(self.people),
            country=country,
            given_name=first(),
            middle_name=first(),
            family_name=family,
            birth_date=start + dt.timedelta(days=self.chance.randrange((dt.date(born[1], 12, 31) - start).days)),
            gender=gender,
        )
        person.homes = [home or self.home(towns)]
        if self.hit(0.25):
            person.homes.append(self.home(towns))
        person.emails = [self.email(person) for _ in range(1 + self.hit(0.35))]
        person.phones = [self.phone(country) for _ in range(1 + self.hit(0.25))]
        if female and self.hit(0.15):
            person.maiden_name = names.last_name_female()
        self.people.append(person)
        return person

    def mistype(self, text: str) -> str:
        """One slip: a letter left out, doubled, replaced by another of the text's alphabet, or two swapped."""
        if len(text) < 3:
            return text
        at = self.chance.randrange(1, len(text) - 1)
        kind = self.chance.randrange(4)
        if kind == 0:
            return text[:at] + text[at + 1 :]
        if kind == 1:
            return text[:at] + text[at] + text[at:]
        if kind == 2:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text[:at] + self.chance.choice("aeinorst" if text[at].isalpha() else "0123456789") + text[at + 1 :]

    def short_name(self, person: Person) -> str:
        """A short form or the initial of a given name; the name itself where none is usual."""
        for countries, forms in _SHORT_NAMES.items():
            if person.country in countries:
                known = [form.split(" ")[1] for form in forms.split(",") if form.split(" ")[0] == person.given_name]
                if known:
                    return self.chance.choice(known)
        return person.given_name[:1] if self.hit(0.3) else person.given_name

    def street_line(self, home: tuple[str, str, str], country: str, errors: Errors) -> str:
        """The street line of an address, in one of the styles that people write."""
        street, door, _ = home
        if self.hit(errors.street_style):
            for long, short in (
                ("Street", "St"),
                ("Road", "Rd"),
                ("Avenue", "Ave"),
                ("straße", "str."),
                ("Drive", "Dr"),
                ("Lane", "Ln"),
            ):
                street = street.replace(long, short)
        if self.hit(errors.typing):
            street = self.mistype(street)
        line = f"{street} {door}" if country in ("DE", "GR", "RU") else f"{door} {street}"
        return f"{line}, Apt {self.chance.randrange(1, 30)}" if country == "US" and self.hit(0.05) else line

    def record(self, person: Person, system: System, errors: Errors) -> Record:
        """What a system has of a person."""
        given = self.short_name(person) if self.hit(errors.short_name) else person.given_name
        family = person.maiden_name if person.maiden_name and self.hit(0.4) else person.family_name
        given = self.mistype(given) if self.hit(errors.typing) else given
        family = self.mistype(family) if self.hit(errors.typing) else family
        if self.hit(errors.swapped_names):
            given, family = family, given
        born = person.birth_date
        if self.hit(errors.date):
            kind = self.chance.randrange(3)
            if kind == 0 and born.day <= 12:
                born = born.replace(month=born.day, day=born.month)
            elif kind == 1:
                born = born.replace(day=self.chance.randrange(1, 29))
            else:
                born = born.replace(day=1, year=born.year + self.chance.choice((-1, 1, 10)))
        home = person.homes[-1] if self.hit(errors.other_home) else person.homes[0]
        town, code = home[2].split("|")
        full: Record = {
            "given_name": given,
            "middle_name": person.middle_name if self.hit(0.5) else person.middle_name[:1],
            "family_name": family,
            "birth_date": born.isoformat(),
            "gender": person.gender,
            "email": self.mistype(person.emails[0]) if self.hit(errors.typing / 3) else person.emails[0],
            "phone": person.phones[-1] if self.hit(errors.other_phone) else person.phones[0],
            "street_address": self.street_line(home, person.country, errors),
            "city": self.mistype(town) if self.hit(errors.typing) else town,
            "postal_code": self.mistype(code) if self.hit(errors.typing / 2) else code,
            "country": person.country,
        }
        if self.hit(errors.other_email):
            full["email"] = person.emails[-1]
        return {name: full[name] if self.hit(system.filled.get(name, 0.0)) else None for name in ATTRIBUTES}

    def records(
        self,
        systems: tuple[System, ...] = SYSTEMS,
        errors: Errors | None = None,
        write: Callable[[Record, Person, System], Record] = lambda record, _person, _system: record,
    ) -> pa.Table:
        """The records of all people, shuffled; COLUMNS and household. `write` may change a record, knowing its person and system."""
        rows: list[Record] = []
        for person in self.people:
            chosen = [system for system in systems if self.hit(system.share)] or [self.chance.choice(systems)]
            for system in chosen:
                for _ in range(1 + self.hit(system.again)):
                    row = write(self.record(person, system, errors or Errors()), person, system)
                    if any(row[name] for name in ("given_name", "family_name", "email", "phone")):
                        household = person.number if person.household is None else person.household
                        truth = {"truth": f"p{person.number}", "household": f"h{household}"}
                        rows.append({"source": system.name, **truth, **row})
        self.chance.shuffle(rows)
        columns: dict[str, list[str | None]] = {
            name: [row[name] for row in rows] for name in (*COLUMNS, "household") if name != "record_id"
        }
        ids = {"record_id": [f"r{number}" for number in range(len(rows))]}
        return pa.table(ids | columns).select([*COLUMNS, "household"])


def one_city(people: int, seed: int) -> pa.Table:
    """Everybody lives in one city of six postal codes, many in the same building: a place says little."""
    world = World(seed)
    towns = world.towns("US", 1, 6, 25)
    for _ in range(people):
        world.person("US", towns)
    return world.records()


def families(people: int, seed: int) -> pa.Table:
    """Families at one address who share phone and mailbox: couples, children, twins, and sons named like their fathers."""
    world = World(seed)
    towns = world.towns("GB", 60, 8, 10)
    while len(world.people) < people:
        home = world.home(towns)
        mother = world.person("GB", towns, home, born=(1945, 1980), gender="female")
        family = mother.family_name
        father = world.person("GB", towns, home, family, born=(1945, 1980), gender="male")
        members = [mother, father]
        for _ in range(world.chance.choice((0, 0, 1, 2, 3))):
            members.append(world.person("GB", towns, home, family, born=(1975, 2004)))
        if len(members) > 2 and world.hit(0.15):
            members.append(world.person("GB", towns, home, family, gender=members[-1].gender))
            members[-1].birth_date = members[-2].birth_date
        sons = [member for member in members[2:] if member.gender == "male"]
        if sons and world.hit(0.12):
            sons[0].given_name = father.given_name
        landline = world.phone("GB", mobile=False)
        for member in members:
            member.household = mother.number
            if world.hit(0.4):
                member.phones = [landline] if world.hit(0.5) else [member.phones[0], landline]
            if member is not mother and world.hit(0.2):
                member.emails = [mother.emails[0], *member.emails[:1]]
    return world.records()


def two_clean_sources(people: int, seed: int) -> pa.Table:
    """Two systems that each hold a person once and make few errors; most people are in only one of them."""
    world = World(seed)
    towns = world.towns("DE", 80, 6, 12)
    for _ in range(people):
        world.person("DE", towns)
    filled = _ALWAYS | {"phone": 0.6, "email": 0.7}
    return world.records(
        (System("membership", 0.6, filled), System("billing", 0.6, filled)),
        Errors(typing=0.006, short_name=0.02, date=0.005, other_home=0.05, swapped_names=0.0),
    )


def shared_mailboxes(people: int, seed: int) -> pa.Table:
    """Couples with one mailbox and one phone, and offices that everybody reaches at info@ and one number."""
    world = World(seed)
    towns = world.towns("GB", 60, 8, 10)
    while len(world.people) < people:
        if world.hit(0.5):
            home = world.home(towns)
            one = world.person("GB", towns, home)
            same_name = world.hit(0.6)
            other = world.person("GB", towns, home, one.family_name if same_name else None)
            other.emails = [one.emails[0]] if world.hit(0.7) else other.emails
            other.phones = [one.phones[0]] if world.hit(0.4) else other.phones
        elif world.hit(0.2):
            host = (
                world.chance.choice(("info", "office", "sales"))
                + f"@{world.names('GB').domain_word()}{len(world.people)}.co.uk"
            )
            number = world.phone("GB", mobile=False)
            for _ in range(world.chance.choice((2, 3, 5, 8, 15, 30))):
                member = world.person("GB", towns)
                member.emails = [host, *member.emails[:1]] if world.hit(0.6) else [host]
                member.phones = [number] if world.hit(0.6) else member.phones
        else:
            world.person("GB", towns)
    return world.records()


def _country(country: str, people: int, seed: int) -> pa.Table:
    world = World(seed)
    towns = world.towns(country, 80, 8, 12)
    for _ in range(people):
        world.person(country, towns)
    return world.records()


def british(people: int, seed: int) -> pa.Table:
    """People of the United Kingdom."""
    return _country("GB", people, seed)


def american(people: int, seed: int) -> pa.Table:
    """People of the United States."""
    return _country("US", people, seed)


def german(people: int, seed: int) -> pa.Table:
    """People of Germany: double names, and umlauts that one system in three writes as two letters."""
    world = World(seed)
    towns = world.towns("DE", 80, 8, 12)
    for _ in range(people):
        world.person("DE", towns)

    def spelled_out(record: Record, _person: Person, _system: System) -> Record:
        if not world.hit(0.3):
            return record
        spelled = dict(record)
        for name in ("given_name", "family_name", "street_address", "city"):
            text = spelled[name]
            for letter, two in (
                ("ä", "ae"),
                ("ö", "oe"),
                ("ü", "ue"),
                ("Ä", "Ae"),
                ("Ö", "Oe"),
                ("Ü", "Ue"),
                ("ß", "ss"),
            ):
                text = text.replace(letter, two) if text else text
            spelled[name] = text
        return spelled

    return world.records(write=spelled_out)


def transliterated(people: int, seed: int) -> pa.Table:
    """Greek and Russian people, written in their own script by some systems and in one of several romanizations by others."""
    world = World(seed)
    places = {country: world.towns(country, 40, 8, 12) for country in ("GR", "RU")}
    for number in range(people):
        country = ("GR", "RU")[number % 2]
        world.person(country, places[country])

    def romanized(record: Record, _person: Person, system: System) -> Record:
        own_script = {"crm": 0.9, "tills": 0.9, "shop": 0.4, "newsletter": 0.3, "support": 0.3}[system.name]
        if world.hit(own_script):
            return record
        latin = dict(record)
        for name in ("given_name", "middle_name", "family_name", "street_address", "city"):
            text = latin[name]
            if text:
                text = anyascii(text)
                for one, other in _ROMANIZED:
                    text = text.replace(one, other) if world.hit(0.12) else text
            latin[name] = text
        return latin

    return world.records(write=romanized)


def company_contacts(people: int, seed: int) -> pa.Table:
    """Contacts at companies: one address, one switchboard and one mail domain for many people, and no birth dates."""
    world = World(seed)
    towns = world.towns("US", 40, 6, 15)
    while len(world.people) < people:
        office = world.home(towns)
        domain = f"{world.names('US').domain_word()}{len(world.people)}.com"
        switchboard = world.phone("US", mobile=False)
        for _ in range(world.chance.choice((1, 2, 3, 5, 8, 20, 60))):
            person = world.person("US", towns, office)
            person.homes = [office]
            person.emails = [world.email(person, domain)]
            if world.hit(0.15):
                person.emails.append(f"info@{domain}")
            person.phones = [switchboard] if world.hit(0.5) else [person.phones[0], switchboard]
    filled = dict.fromkeys(ATTRIBUTES, 0.9) | {"birth_date": 0.0, "gender": 0.0, "middle_name": 0.1, "phone": 0.6}
    contact = {"given_name": 0.95, "family_name": 0.95, "email": 0.8, "phone": 0.6, "country": 0.9}
    return world.records(
        (
            System("accounts", 0.6, filled, again=0.1),
            System("leads", 0.5, contact | {"city": 0.4, "postal_code": 0.3}, again=0.15),
            System("support", 0.4, contact),
            System("events", 0.3, contact | {"phone": 0.1}, again=0.1),
        )
    )


_NO_ERRORS = Errors(*[0.0] * 8)


def registry(people: int, seed: int) -> pa.Table:
    """A register of a hundred usual names and of birth dates, no more, where every double is in it for one wrong letter or digit."""
    world = World(seed)
    towns = world.towns("DE", 1, 1, 1)
    names = world.names("DE")
    families = [names.last_name() for _ in range(100)]
    given = {
        "female": [names.first_name_female() for _ in range(50)],
        "male": [names.first_name_male() for _ in range(50)],
    }
    for _ in range(people):
        person = world.person("DE", towns, family_name=world.chance.choice(families))
        person.given_name, person.maiden_name = world.chance.choice(given[person.gender]), None
    entered: set[int] = set()

    def slip(record: Record, person: Person, _system: System) -> Record:
        if person.number not in entered:
            entered.add(person.number)
            return record
        name = world.chance.choice(("given_name", "family_name", "birth_date"))
        born = person.birth_date
        wrong = (
            born.replace(day=born.day % 28 + 1)
            if world.hit(0.5)
            else dt.date(born.year + 10, born.month, min(born.day, 28))
        )
        return record | {name: wrong.isoformat() if name == "birth_date" else world.mistype(str(record[name]))}

    filled = dict.fromkeys(("given_name", "family_name", "birth_date"), 1.0)
    return world.records((System("registry", 1.0, filled, again=0.1),), _NO_ERRORS, slip)


def small_club(people: int, seed: int) -> pa.Table:
    """A hundred members, a third of whom give the address, the phone and the mailbox of their club: too few to learn much from."""
    world = World(seed)
    towns = world.towns("DE", 12, 4, 12)
    house, phone, mailbox = world.home(towns), world.phone("DE", mobile=False), "info@sv-eintracht.de"
    for _ in range(max(people // 40, 60)):
        member = world.person("DE", towns)
        if world.hit(0.35):
            member.homes.insert(0, house)
            member.phones.insert(0, phone)
            member.emails.insert(0, mailbox)
    event = {"given_name": 1.0, "family_name": 1.0, "email": 0.7, "phone": 0.6, "city": 1.0, "postal_code": 1.0}
    return world.records(
        (
            System("members", 0.85, _ALWAYS | {"email": 0.8, "phone": 0.7}),
            System("events", 0.5, event, again=0.1),
            System("shop", 0.4, _ALWAYS | {"birth_date": 0.0, "gender": 0.0, "phone": 0.6}),
        )
    )


POPULATIONS: dict[str, Callable[[int, int], pa.Table]] = {
    "one_city": one_city,
    "families": families,
    "two_clean_sources": two_clean_sources,
    "shared_mailboxes": shared_mailboxes,
    "british": british,
    "american": american,
    "german": german,
    "transliterated": transliterated,
    "company_contacts": company_contacts,
    "registry": registry,
    "small_club": small_club,
}
