"""Who is one customer and who is not: people that real data makes hard to tell, and decisions of people about them.

All of them live in one table among some hundred ordinary people, from whom the weights are learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.python.acceptance.bench import NO_UNIT_TESTS, SOURCES, Bench, Run, disabled

Person = dict[str, str]
GIVEN = {
    "female": [
        "Alice",
        "Berta",
        "Clara",
        "Dora",
        "Elena",
        "Frida",
        "Greta",
        "Hanna",
        "Irene",
        "Johanna",
        "Karin",
        "Lotte",
        "Marta",
        "Nora",
        "Olga",
        "Petra",
        "Rita",
        "Sonja",
        "Tina",
        "Ute",
    ],
    "male": [
        "Adam",
        "Bruno",
        "Carl",
        "David",
        "Emil",
        "Felix",
        "Georg",
        "Heinz",
        "Ivan",
        "Jakob",
        "Kurt",
        "Ludwig",
        "Martin",
        "Norbert",
        "Otto",
        "Paul",
        "Rolf",
        "Simon",
        "Thomas",
        "Udo",
    ],
}
STEMS = [
    "Acker",
    "Berg",
    "Dorn",
    "Eich",
    "Feld",
    "Graf",
    "Holz",
    "Jung",
    "Kern",
    "Lind",
    "Moor",
    "Neu",
    "Ober",
    "Pfau",
    "Rosen",
    "Stein",
    "Thal",
    "Ulm",
    "Wald",
    "Zorn",
]
ENDINGS = ["er", "mann", "bach", "hof", "stedt"]
FAMILY = [stem + ending for stem in STEMS for ending in ENDINGS]
TOWNS = [("Altstadt", "10115"), ("Neudorf", "20095"), ("Seeheim", "50667"), ("Bergen", "80331"), ("Talheim", "70173")]
DATABASE = "kindred.duckdb"
DEFAULT_MAILBOX = "ladenkasse@laden.example.org"
NOBODY = "noreply@laden.example.org"
COLUMNS = [
    "record_id",
    "given_name",
    "family_name",
    "birth_date",
    "gender",
    "email",
    "phone",
    "street_address",
    "city",
    "postal_code",
    "country",
    "card",
    "is_checked",
]


def ordinary_people(count: int) -> list[Person]:
    """Two records each, of which the second may miss something or be written differently; most live in families."""
    rng = np.random.default_rng(5)
    people: list[Person] = []
    while len(people) < 2 * count:
        town, postal_code = TOWNS[rng.integers(len(TOWNS))]
        home = {
            "family_name": str(rng.choice(FAMILY)),
            "street_address": f"{rng.choice(FAMILY)}weg {rng.integers(1, 90)}",
            "city": town,
            "postal_code": postal_code,
        }
        for _ in range(rng.integers(1, 5)):
            number = len(people) // 2
            gender = ("female", "male")[rng.integers(2)]
            person = {
                **home,
                "given_name": str(rng.choice(GIVEN[gender])),
                "birth_date": f"{rng.integers(1940, 2005)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}",
                "gender": gender,
                "phone": f"+4930{rng.integers(1_000_000, 9_999_999)}",
            }
            person["email"] = f"{person['given_name']}.{person['family_name']}{number}@example.org".lower()
            other = {name: value for name, value in person.items() if rng.random() > 0.2 or name.endswith("name")}
            if rng.random() < 0.1:
                other["family_name"] += "n"
            people += [{**person, "record_id": f"o{number}a"}, {**other, "record_id": f"o{number}b"}]
    return people


def twice(name: str, **person: str) -> list[Person]:
    """Two records of one person, <name>1 and <name>2."""
    return [{**person, "record_id": f"{name}{number}"} for number in (1, 2)]


def hard_people() -> list[Person]:
    home = {"street_address": "Lindenallee 7", "city": "Seeheim", "postal_code": "50667"}
    keller = {"family_name": "Keller", "email": "keller@example.org", **home}
    rows = [
        # A couple with one address of each kind, and a couple that lend each other a card.
        *twice("wife", given_name="Anna", birth_date="1980-05-04", gender="female", **keller),
        *twice("husband", given_name="Peter", birth_date="1978-11-23", gender="male", **keller),
        *twice(
            "cardwife", given_name="Maria", family_name="Lang", gender="female", birth_date="1969-01-30", card="7001"
        ),
        *twice(
            "cardhusband", given_name="Josef", family_name="Lang", gender="male", birth_date="1966-08-09", card="7001"
        ),
        {"record_id": "cardnobody", "card": "7001"},
    ]
    twins = {
        "family_name": "Voss",
        "birth_date": "2001-02-03",
        "gender": "female",
        "city": "Bergen",
        "postal_code": "80331",
    }
    for twin, given in (("twina", "Mia"), ("twinb", "Lea")):
        rows += twice(twin, given_name=given, street_address="Am Anger 3", **twins)
    maier = {"given_name": "Hans", "family_name": "Maier", "gender": "male", "city": "Talheim", "postal_code": "70173"}
    for name, birth_date in (("father", "1955-03-09"), ("son", "1984-10-21")):
        rows += twice(name, street_address="Hauptstr. 12", birth_date=birth_date, **maier)
    julia = {"given_name": "Julia", "birth_date": "1990-04-17", "gender": "female", "phone": "+4917655501234"}
    before = {"family_name": "Brandt", "street_address": "Gartenweg 1", "city": "Altstadt", "postal_code": "10115"}
    after = {"family_name": "Sommer", "street_address": "Seestr. 88", "city": "Neudorf", "postal_code": "20095"}
    rows += [*twice("single", **julia, **before), *twice("married", **julia, **after)]
    # A shared mailbox of six colleagues, who have little else in common.
    for number, (given, family) in enumerate(
        [("Ina", "Ott"), ("Jan", "Roth"), ("Eva", "Sahm"), ("Tom", "Uhl"), ("Lea", "Wirth"), ("Max", "Zell")]
    ):
        rows += twice(
            f"colleague{number}_",
            given_name=given,
            family_name=family,
            email="office@firma.example.org",
            birth_date=f"19{60 + 5 * number}-0{number + 1}-1{number}",
        )
    # What a till enters for whoever has no address: one value of the tills' own, and one that is junk anywhere.
    for number in range(500):
        names = {"given_name": GIVEN["female"][number % 20], "family_name": FAMILY[number // 5]}
        rows.append({**names, "record_id": f"till{number}", "email": (DEFAULT_MAILBOX, NOBODY)[number % 2]})
    # Records that only people can judge: pairs with nothing, and pairs with everything in common.
    for name in ("joined", "expired", "disowned"):
        rows += [
            {"record_id": f"{name}1", "given_name": "Nina", "family_name": "Quast", "birth_date": "1971-07-01"},
            {"record_id": f"{name}2", "given_name": "Sara", "family_name": "Ziegler", "birth_date": "1999-12-30"},
        ]
    same = {"given_name": "Kim", "family_name": "Noack", "birth_date": "1988-08-08", "card": "8008"}
    rows += [*twice("parted", **same), {"record_id": "parted3", "card": "8008"}]
    # Namesakes whom their source has checked to be two, and a record of one of them that it has not checked.
    namesake = {
        "given_name": "Rosa",
        "family_name": "Hein",
        "birth_date": "1977-06-15",
        "city": "Bergen",
        "card": "9009",
    }
    rows += twice("checked", **namesake, is_checked="true")
    return [*rows, {**namesake, "record_id": "unchecked", "is_checked": "false"}]


DECISIONS = [
    ("must_link", "joined1", "joined2", "kim", "2025-01-02", "letter", None),
    ("must_link", "expired1", "expired2", "kim", "2025-01-02", "letter", "2025-02-01T00:00:00Z"),
    ("must_link", "disowned1", "disowned2", "kim", "2025-01-02", "letter", None),
    ("cannot_link", "disowned2", "disowned1", "lee", "2025-03-02", "call", None),
    ("cannot_link", "parted1", "parted2", "lee", "2025-03-02", "call", None),
    ("must_link", "joined1", "o0a", None, "2025-03-02", "call", None),
    ("merge", "joined1", "joined1", "lee", "someday", None, None),
    ("must_link", "joined1", "gone", "lee", "2025-03-02", "call", None),
]


@dataclass
class People:
    """The customers of one build."""

    run: Run

    def customer(self, record: str) -> str:
        query = f"select customer_id from identity.customer_ids where record_id = 'people:person:{record}'"
        return str(self.run.value(query))

    def customers(self, *records: str) -> int:
        """How many customers these records are."""
        return len({self.customer(record) for record in records})


def decide(database: Path, decisions: list[tuple[str | None, ...]]) -> None:
    """Write decisions into the table that the project reads them from."""
    values = [(row[0], *(f"people:person:{record}" for record in row[1:3]), *row[3:]) for row in decisions]
    with duckdb.connect(str(database)) as connection:
        connection.executemany("insert into decisions.overrides values (?, ?, ?, ?, ?, ?, ?)", values)


def build(folder: Path) -> Run:
    """Everything about the people in the folder, carried on from the last time."""
    feed = {
        "model": "stg_people__records",
        "source": "people",
        "entity": "person",
        "identifiers": {"loyalty_card": "card"},
        "keeps_people_apart": "is_checked",
    }
    variables = disabled(*(source for source in SOURCES if source != "people")) | {
        "identity_feeds": [feed],
        "identity_overrides_relation": "decisions.overrides",
    }
    wanted = "customer_relationships shared_identifiers identity_edges identity_override_issues identity_completed_run"
    models = [f"+{name}" for name in wanted.split()]
    selection = ("--select", *models, "--indirect-selection", "cautious")
    bench = Bench(folder / "bench")
    return bench.build(folder / "raw", folder / DATABASE, *NO_UNIT_TESTS, *selection, variables=variables)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The people, and the decisions about them, in a folder of their own."""
    folder = tmp_path_factory.mktemp("people_apart")
    (folder / "bench").mkdir()
    rows = ordinary_people(400) + hard_people()
    columns = {name: [{"country": "DE", **row}.get(name) for row in rows] for name in COLUMNS}
    (folder / "raw" / "people").mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "raw" / "people" / "person.parquet")
    columns_of_decisions = "decision, left_record_id, right_record_id, decided_by, decided_at, reason, expires_at"
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute("create schema decisions")
        connection.execute(
            f"create table decisions.overrides ({columns_of_decisions.replace(',', ' varchar,')} varchar)"
        )
    decide(folder / DATABASE, DECISIONS)
    return folder


@pytest.fixture(scope="module")
def people(folder: Path) -> People:
    return People(build(folder).snapshot("first"))


@pytest.fixture(scope="module")
def later(folder: Path, people: People) -> People:
    """The next run: people have decided about two strangers and taken back what they said of the card."""
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute("delete from decisions.overrides where left_record_id like '%parted%'")
    decide(folder / DATABASE, [("must_link", "o7a", "o300a", "lee", "2025-04-02", "call", None)])
    return People(build(folder))


def test_ordinary_people_are_one_customer_each(people: People) -> None:
    """Otherwise nothing below would tell anything."""
    found = sum(people.customers(f"o{number}a", f"o{number}b") == 1 for number in range(0, 300, 10))
    assert found >= 28


def test_a_shared_mailbox_does_not_merge(people: People) -> None:
    colleagues = [[f"colleague{number}_1", f"colleague{number}_2"] for number in range(6)]
    assert all(people.customers(*records) == 1 for records in colleagues)
    assert people.customers(*(record for records in colleagues for record in records)) == 6


def test_a_couple_with_one_mailbox_and_address_stays_two_and_is_a_household(people: People) -> None:
    assert people.customers("wife1", "wife2") == people.customers("husband1", "husband2") == 1
    pair = sorted([people.customer("wife1"), people.customer("husband1")])
    assert pair[0] != pair[1]
    types = people.run.rows(
        "select relationship_type, shared_address_count, shared_email_count, has_same_family_name from marts.customer_relationships "
        f"where left_customer_id = '{pair[0]}' and right_customer_id = '{pair[1]}' order by 1"
    )
    assert types == [("household", 1, 1, True), ("shared_contact", 1, 1, True)]


def test_a_default_value_of_hundreds_merges_nobody(people: People) -> None:
    junk = "select reason, record_count from identity.identity_junk_identifiers where identifier_value = "
    assert people.run.rows(f"{junk} '{DEFAULT_MAILBOX}'") == [("frequency", 250)]
    assert people.run.rows(f"{junk} 'office@firma.example.org'") == [], "six colleagues are no default value"
    tills = people.run.rows(
        "select max(records), count(*) from (select count(*) as records from identity.customer_ids "
        "where record_id like 'people:person:till%' group by customer_id)"
    )
    assert tills == [(1, 500)]
    shared = people.run.rows(
        "select reason, customer_count, is_relationship from marts.shared_identifiers where customer_count > 100"
    )
    assert shared == [("junk value", 250, False)]


def test_a_card_lent_within_a_couple_does_not_make_them_one(people: People) -> None:
    assert people.customers("cardwife1", "cardwife2") == people.customers("cardhusband1", "cardhusband2") == 1
    assert people.customers("cardwife1", "cardhusband1") == 2
    assert people.customers("cardwife1", "cardhusband1", "cardnobody") == 2, (
        "who says nothing but the card is one of them"
    )


def test_twins_stay_two(people: People) -> None:
    assert people.customers("twina1", "twina2") == people.customers("twinb1", "twinb2") == 1
    assert people.customers("twina1", "twinb1") == 2


def test_father_and_son_of_one_name_stay_two(people: People) -> None:
    assert people.customers("father1", "father2") == people.customers("son1", "son2") == 1
    assert people.customers("father1", "son1") == 2


def test_a_person_who_moved_and_married_stays_one(people: People) -> None:
    assert people.customers("single1", "single2", "married1", "married2") == 1


def test_a_decision_joins_two_and_an_expired_one_does_not(people: People) -> None:
    assert people.customers("joined1", "joined2") == 1
    assert people.customers("expired1", "expired2") == 2


def test_the_later_decision_about_a_pair_counts(people: People) -> None:
    assert people.customers("disowned1", "disowned2") == 2


def test_a_cannot_link_separates_despite_a_shared_card(people: People) -> None:
    assert people.customers("parted1", "parted2") == 2
    assert people.customers("parted1", "parted2", "parted3") == 2
    verdicts = people.run.rows(
        "select verdict from identity.identity_edges where left_record_id = 'people:person:parted1' "
        "and right_record_id = 'people:person:parted2'"
    )
    assert verdicts == [("manual decision",)]


def test_records_that_their_source_has_checked_stay_apart(people: People) -> None:
    assert people.customers("checked1", "checked2") == 2
    assert people.customers("checked1", "checked2", "unchecked") == 2


def test_what_is_wrong_with_a_decision_is_told(people: People) -> None:
    status = people.run.rows("select status, count(*) from identity.identity_overrides group by status order by status")
    assert status == [("active", 3), ("expired", 1), ("invalid", 3), ("overruled", 1)]
    issues = people.run.rows(
        "select decision, split_part(right_record_id, ':', 3), issue from identity.identity_override_issues order by all"
    )
    assert issues == [
        ("merge", "joined1", "both record ids are the same"),
        ("merge", "joined1", "decided_at is missing or not a time"),
        ("merge", "joined1", "the decision is neither must_link nor cannot_link"),
        ("merge", "joined1", "the reason is missing"),
        (
            "must_link",
            "disowned2",
            "a later decision about the pair, or a cannot-link of the same time, says the contrary",
        ),
        ("must_link", "joined1", "a record id is unknown"),
        ("must_link", "o0a", "decided_by is missing"),
    ]


def test_decisions_are_honoured_in_the_next_run_and_nobody_else_changes(people: People, later: People) -> None:
    assert later.run.rows("select mode from identity.identity_run") == [("increment",)]
    assert people.customers("o7a", "o300a") == 2
    assert later.customers("o7a", "o300a") == 1
    assert later.customers("parted1", "parted2", "parted3") == 1
    involved = tuple(
        f"people:person:{record}" for record in ("o7a", "o7b", "o300a", "o300b", "parted1", "parted2", "parted3")
    )
    query = (
        f"select record_id, customer_id from identity.customer_ids where record_id not in {involved} order by record_id"
    )
    assert later.run.rows(query) == people.run.rows(query)
