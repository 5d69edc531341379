"""The consent rules as one query (`consent_status_at`) over made-up signals, many cases at once, in an engine of its own."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.python.acceptance.bench import PROJECT, Bench

SEEDS = PROJECT / "seeds"
ASKED, EARLY = dt.datetime(2025, 6, 1), dt.datetime(2025, 2, 1)
FIRST, SECOND = dt.datetime(2025, 1, 10), dt.datetime(2025, 2, 10)
REFUSALS = ("denied", "withdrawn", "objected")
SEED_TABLES = ("purposes", "purposes_channels", "consent_defaults", "jurisdictions")
# Tables the rules read, with the columns that they read of them.
TABLES = {
    "consent_events": "event_id varchar, identifier_type varchar, identifier varchar, purpose_code varchar, channel varchar,"
    " lawful_basis varchar, state varchar, is_explicit boolean, is_specific boolean, is_confirmation boolean, scope varchar,"
    " actor varchar, signal_source varchar, event_at timestamp, received_at timestamp, valid_until timestamp",
    "customer_identifiers": "customer_id varchar, identifier_type varchar, identifier_value varchar, link_method varchar,"
    " is_shared boolean, valid_from timestamp, valid_to timestamp",
    "customers": "customer_id varchar, country varchar, birth_date date",
    "orders": "customer_id varchar, ordered_at timestamp, order_kind varchar, is_test boolean, is_cancelled boolean",
    "suppressions": "identifier_type varchar, identifier varchar, reason varchar, suppressed_at timestamp",
    "stg_zendesk__tickets": "requester_id varchar, created_at timestamp",
    "customer_ids": "record_id varchar, customer_id varchar",
}


@dataclass(frozen=True)
class Signal:
    """One event of the ledger."""

    identifier_type: str
    identifier: str
    purpose: str
    state: str
    at: dt.datetime
    is_explicit: bool = True
    is_specific: bool = True
    actor: str = "subject"
    source: str = "preference_centre"
    valid_until: dt.datetime | None = None
    received_at: dt.datetime | None = None
    reaches_channel: bool = False

    @property
    def channel(self) -> str:
        if self.purpose != "marketing":
            return "any"
        return "sms" if self.identifier_type == "phone" else "email"

    def row(self, key: str) -> tuple[object, ...]:
        is_wide = self.state == "objected" or self.reaches_channel
        scope = "person" if self.purpose != "marketing" else "channel" if is_wide else "contact_point"
        return (
            *(key, self.identifier_type, self.identifier, self.purpose, self.channel, "consent", self.state),
            *(self.is_explicit, self.is_specific, False, scope, self.actor, self.source),
            *(self.at, self.received_at or self.at, self.valid_until),
        )


@dataclass(frozen=True)
class Owned:
    """An identifier of a customer."""

    identifier_type: str
    identifier: str
    link: str = "deterministic"
    valid_from: dt.datetime | None = dt.datetime(2024, 1, 1)
    valid_to: dt.datetime | None = None


@dataclass(frozen=True)
class Case:
    """Customers with their identifiers, and what was said, in the order in which it is written down."""

    customers: dict[str, list[Owned]]
    signals: list[Signal] = field(default_factory=list)
    country: str = "DE"


Answer = dict[tuple[str, str, str, str], tuple[str, bool]]


class Rules:
    """The compiled query, and an engine to run it in."""

    def __init__(self, queries: dict[str, str]) -> None:
        self._queries = queries

    def judge(self, cases: Iterable[Case], query: str = "all") -> list[Answer]:
        """For each case: (customer, identifier, purpose, channel) -> (status, is it permitted). Cases do not see each other."""
        cases = list(cases)
        rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in TABLES}
        for number, case in enumerate(cases):
            mark = f"{number}/"
            for customer, owned in case.customers.items():
                rows["customers"].append((mark + customer, case.country, None))
                rows["customer_identifiers"] += [
                    (mark + customer, o.identifier_type, mark + o.identifier, o.link, False, o.valid_from, o.valid_to)
                    for o in owned
                ]
            for position, signal in enumerate(case.signals):
                key = f"{mark}{signal.at}{signal.identifier}{signal.state}{signal.source}{position if query == 'all' else ''}"
                rows["consent_events"].append(replace(signal, identifier=mark + signal.identifier).row(key))
        with duckdb.connect(config={"threads": 1}) as connection:
            for name, columns in TABLES.items():
                connection.execute(f"create table given_{name} ({columns})")
                if rows[name]:
                    # A list for each column: binding every value on its own would take most of the time.
                    lists = ", ".join(f"unnest(${number})" for number in range(1, len(rows[name][0]) + 1))
                    columns_of_rows = [list(column) for column in zip(*rows[name], strict=True)]
                    connection.execute(f"insert into given_{name} select {lists}", columns_of_rows)
            for name in SEED_TABLES:
                connection.execute(f"create table given_{name} as from read_csv('{SEEDS / name}.csv', header = true)")
            found = connection.execute(
                "select customer_id, identifier, purpose_code, channel, status, is_permitted"
                f" from ({self._queries[query]}) order by all"
            ).fetchall()
        answers: list[Answer] = [{} for _ in cases]
        for customer, identifier, purpose, channel, status, is_permitted in found:
            number, _, name = customer.partition("/")
            answers[int(number)][(name, identifier.partition("/")[2], purpose, channel)] = (status, is_permitted)
        return answers


@pytest.fixture(scope="module")
def rules(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Rules:
    inputs = json.dumps({name: f"given_{name}" for name in (*TABLES, *SEED_TABLES)})
    times = {"all": (ASKED, "none"), "early": (EARLY, f"\"timestamp '{EARLY}'\"")}
    marker = "-- next query"
    parts = [
        f"{{{{ consent_status_at(\"timestamp '{at}'\", known_at={known_at}, inputs={inputs}) }}}}"
        for at, known_at in times.values()
    ]
    compiled = bench.compiled(f"\n{marker}\n".join(parts), tmp_path_factory.mktemp("consent_rules"))
    return Rules(dict(zip(times, compiled.split(marker), strict=True)))


def signals_of(word: str, owned: Owned, purpose: str, at: dt.datetime, browser: Owned) -> Iterator[Signal]:
    """What a word of the matrix stands for; the browser signal comes from the person's browser, whatever it is set beside."""
    if word == "gpc":
        for covered in ("advertising", "sale_or_share"):
            yield Signal("anonymous_id", browser.identifier, covered, "objected", at, is_specific=False, source="gpc")
    elif word != "none":
        states = {"deny": "denied", "withdraw": "withdrawn", "pending": "pending"}
        signal = Signal(owned.identifier_type, owned.identifier, purpose, states.get(word, "granted"), at)
        if word == "import":
            signal = replace(signal, is_explicit=False, is_specific=False, actor="import", source="hubspot_contact")
        if word == "expired":
            signal = replace(signal, valid_until=at + dt.timedelta(days=15))
        yield signal


MAIL, MAIL_2, PHONE = Owned("email", "a@x.org"), Owned("email", "b@x.org"), Owned("phone", "+4930123456")
ACCOUNT, ACCOUNT_2, GUESSED = Owned("user_id", "u1"), Owned("user_id", "u2"), Owned("user_id", "u2", "probabilistic")
BROWSER, BROWSER_2 = Owned("anonymous_id", "d1"), Owned("anonymous_id", "d2")
# Scene -> customers, whose identifier gives the first and the second signal, on which browsers, and whom or what is asked about.
SCENES: dict[str, tuple[dict[str, list[Owned]], Owned, Owned, Owned, tuple[str, str]]] = {
    "same address": ({"A": [MAIL, BROWSER]}, MAIL, MAIL, BROWSER, ("A", "a@x.org")),
    "same account": ({"A": [ACCOUNT, BROWSER]}, ACCOUNT, ACCOUNT, BROWSER, ("A", "A")),
    "other address of the channel": ({"A": [MAIL, MAIL_2, BROWSER]}, MAIL, MAIL_2, BROWSER, ("A", "a@x.org")),
    "other channel": ({"A": [MAIL, PHONE, BROWSER]}, MAIL, PHONE, BROWSER, ("A", "a@x.org")),
    "other account, proven link": ({"A": [ACCOUNT, ACCOUNT_2, BROWSER]}, ACCOUNT, ACCOUNT_2, BROWSER, ("A", "A")),
    "other account, probable link": ({"A": [ACCOUNT, GUESSED, BROWSER]}, ACCOUNT, GUESSED, BROWSER, ("A", "A")),
    "after a merge, the person": (
        {"A": [ACCOUNT, MAIL, BROWSER, ACCOUNT_2, MAIL_2, BROWSER_2]},
        *(ACCOUNT, ACCOUNT_2, BROWSER_2),
        ("A", "A"),
    ),
    "after a merge, the second address": (
        {"A": [ACCOUNT, MAIL, BROWSER, ACCOUNT_2, MAIL_2, BROWSER_2]},
        *(MAIL, MAIL_2, BROWSER_2),
        ("A", "b@x.org"),
    ),
    "after a split, the first person": (
        {"A": [ACCOUNT, MAIL, BROWSER], "B": [ACCOUNT_2, MAIL_2, BROWSER_2]},
        *(ACCOUNT, ACCOUNT_2, BROWSER_2),
        ("A", "A"),
    ),
    "after a split, the second person": (
        {"A": [ACCOUNT, MAIL, BROWSER], "B": [ACCOUNT_2, MAIL_2, BROWSER_2]},
        *(ACCOUNT, ACCOUNT_2, BROWSER_2),
        ("B", "B"),
    ),
}
WORDS = ("grant", "deny", "withdraw", "pending", "expired", "gpc", "import", "none")


def matrix() -> list[dict[str, str]]:
    with (SEEDS / "consent_conflict_matrix.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_matrix_has_every_pair_of_signals_in_every_scene() -> None:
    listed = [(row["scene"], row["first_signal"], row["second_signal"]) for row in matrix()]
    assert sorted(listed) == sorted((scene, one, other) for scene in SCENES for one in WORDS for other in WORDS)


def test_conflict_matrix(rules: Rules) -> None:
    rows = matrix()
    cases = []
    for row in rows:
        customers, first, second, browser, _ = SCENES[row["scene"]]
        purpose = row["purpose_code"]
        cases.append(
            Case(
                customers,
                [
                    *signals_of(row["first_signal"], first, purpose, FIRST, BROWSER),
                    *signals_of(row["second_signal"], second, purpose, SECOND, browser),
                ],
            )
        )
    wrong = []
    for row, answer in zip(rows, rules.judge(cases), strict=True):
        found = answer[(*SCENES[row["scene"]][4], row["purpose_code"], row["channel"])]
        if found != (row["expected_status"], row["expected_is_permitted"] == "true"):
            wrong.append((row["scene"], row["first_signal"], row["second_signal"], row["expected_status"], found))
    assert wrong == []


# -- "were we allowed to send this then?" ------------------------------------------------------------------------------


def test_status_at_a_time_knows_only_what_had_happened_and_arrived(rules: Rules) -> None:
    """Asked about 1 February: a withdrawal of March has not happened; one of January that arrived in March was not known."""
    granted = Signal("email", "a@x.org", "marketing", "granted", FIRST)
    later = replace(granted, state="withdrawn", at=dt.datetime(2025, 3, 1))
    unknown = replace(granted, state="withdrawn", at=dt.datetime(2025, 1, 20), received_at=dt.datetime(2025, 3, 1))
    known = replace(unknown, received_at=None)
    short = replace(granted, valid_until=dt.datetime(2025, 2, 10))
    cases = [Case({"A": [MAIL]}, [granted, other]) for other in (later, unknown, known)]
    cases += [Case({"A": [MAIL]}, [short]), Case({"A": [MAIL]}, [])]
    key = ("A", "a@x.org", "marketing", "email")
    assert [answer[key][0] for answer in rules.judge(cases, "early")] == [
        *("granted", "granted", "withdrawn"),
        *("granted", "denied"),
    ]
    assert [answer[key][0] for answer in rules.judge(cases)] == [
        *("withdrawn", "withdrawn", "withdrawn"),
        *("expired", "denied"),
    ]


# -- what holds for all signals ------------------------------------------------------------------------------------------

PEOPLE = {
    "A": [MAIL, PHONE, ACCOUNT, replace(BROWSER, valid_to=SECOND), BROWSER_2],
    "B": [MAIL_2, Owned("user_id", "u3", "probabilistic"), ACCOUNT_2, replace(BROWSER, valid_from=SECOND)],
}
MERGED = {"AB": [*PEOPLE["A"][:3], BROWSER, BROWSER_2, *PEOPLE["B"][:3]]}
IDENTIFIERS = sorted({(o.identifier_type, o.identifier) for owned in PEOPLE.values() for o in owned})


@st.composite
def any_signal(draw: st.DrawFn, states: tuple[str, ...] = ("granted", "pending", "expired", *REFUSALS)) -> Signal:
    kind, identifier = draw(st.sampled_from(IDENTIFIERS))
    purposes = ["advertising", "sale_or_share", *(["marketing"] if kind in ("email", "phone") else [])]
    # Few days, so that several signals often carry the same time.
    at = dt.datetime(2025, 1, 1) + dt.timedelta(days=10 * draw(st.integers(0, 9)))
    state = draw(st.sampled_from(states))
    source = draw(st.sampled_from(["preference_centre", "hubspot_contact", "gpc"])) if state == "objected" else "banner"
    lasts = draw(st.sampled_from([None, None, 30]))
    explicit = draw(st.booleans())
    return Signal(
        *(kind, identifier, draw(st.sampled_from(purposes)), state, at),
        is_explicit=explicit,
        is_specific=draw(st.booleans()) and source != "gpc",
        reaches_channel=draw(st.booleans()),
        actor="subject" if explicit else "import",
        source=source,
        valid_until=at + dt.timedelta(days=lasts) if lasts else None,
    )


Batch = list[tuple[list[Signal], Signal, random.Random]]
BATCH = st.lists(
    st.tuples(st.lists(any_signal(), max_size=8), any_signal(REFUSALS), st.randoms()), min_size=40, max_size=40
)
COUNTRIES = ("DE", "US")
# The same cases in every run, so that a build does not fail by chance.
few = settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def permitted(answer: Answer) -> set[tuple[str, str, str, str]]:
    return {key for key, (_, is_permitted) in answer.items() if is_permitted}


@few
@given(BATCH)
def test_denial_never_permits_anything(rules: Rules, batch: Batch) -> None:
    """A browser answer lifts nothing for others, and one more refusal lifts nothing for anybody."""
    without = [Case(PEOPLE, signals, COUNTRIES[i % 2]) for i, (signals, _, _) in enumerate(batch)]
    with_denial = [replace(case, signals=[*case.signals, batch[i][1]]) for i, case in enumerate(without)]
    answers = rules.judge([*without, *with_denial])
    for case, before, after in zip(with_denial, answers[: len(batch)], answers[len(batch) :], strict=True):
        assert permitted(after) <= permitted(before), case


def said(day: int, owned: Owned, state: str, *, days: int | None = None, is_own: bool = False) -> Signal:
    """What an identifier says about advertising on a day of 2025; for how many days, and whether it is the person's own choice."""
    at = dt.datetime(2025, 1, 1) + dt.timedelta(days=day)
    valid_until = at + dt.timedelta(days=days) if days else None
    kind, identifier = owned.identifier_type, owned.identifier
    actor = "subject" if is_own else "import"
    return Signal(kind, identifier, "advertising", state, at, is_own, is_own, actor, "banner", valid_until)


# A refused on the first browser, which later is B's. Neither is permitted anything: merged, what B said on that browser must not let an
# answer of A's count that A's refusal had stopped.
LOST_REFUSALS: list[list[Signal]] = [
    [said(0, BROWSER, "denied"), said(0, BROWSER_2, "granted"), said(70, BROWSER, "pending")],
    [said(0, BROWSER, "denied"), said(0, BROWSER_2, "granted"), said(70, BROWSER, "expired")],
    [said(0, BROWSER, "denied"), said(0, BROWSER_2, "granted"), said(70, BROWSER, "granted", days=30)],
    [
        *(said(0, BROWSER, "denied"), said(0, BROWSER_2, "granted")),
        *(said(60, BROWSER, "granted"), said(70, BROWSER, "pending")),
    ],
    # A's own lifting of their own refusal has run out; B's weaker permission must not profit by it.
    [
        *(said(0, BROWSER, "denied", is_own=True), said(10, BROWSER, "granted", days=30, is_own=True)),
        *(said(20, BROWSER, "denied"), said(70, BROWSER, "granted")),
    ],
    # A chose and refused later; B had refused before and agrees on the browser only.
    [
        *(said(0, ACCOUNT_2, "denied", is_own=True), said(10, ACCOUNT, "granted", is_own=True)),
        *(said(20, BROWSER, "denied"), said(70, BROWSER, "granted")),
    ],
]


@few
@given(BATCH)
@example([(signals, signals[0], random.Random(0)) for signals in LOST_REFUSALS for _ in COUNTRIES])
def test_merging_never_widens_what_both_denied(rules: Rules, batch: Batch) -> None:
    """What both refused, the merged person has refused, and a refused address stays refused."""
    apart = [Case(PEOPLE, signals, COUNTRIES[i % 2]) for i, (signals, _, _) in enumerate(batch)]
    merged = [replace(case, customers=MERGED) for case in apart]
    answers = rules.judge([*apart, *merged])
    for case, before, after in zip(apart, answers[: len(batch)], answers[len(batch) :], strict=True):
        for (_, identifier, purpose, channel), (_, is_permitted) in after.items():
            own = [v for (c, i, p, h), v in before.items() if (p, h) == (purpose, channel) and i in (identifier, c)]
            if not any(was for _, was in own):
                assert not is_permitted, (case, identifier, purpose)


@few
@given(BATCH)
def test_split_gives_each_back_their_own(rules: Rules, batch: Batch) -> None:
    """After a split each has what they would have if the other had never been there."""
    both = [Case(PEOPLE, signals, COUNTRIES[i % 2]) for i, (signals, _, _) in enumerate(batch)]
    alone = [Case({name: owned}, case.signals, case.country) for case in both for name, owned in PEOPLE.items()]
    answers = rules.judge([*both, *alone])
    for number, together in enumerate(answers[: len(both)]):
        one, other = answers[len(both) + 2 * number : len(both) + 2 * number + 2]
        assert together == {**one, **other}, both[number]


@few
@given(BATCH)
def test_order_of_arrival_does_not_matter(rules: Rules, batch: Batch) -> None:
    cases = [Case(PEOPLE, [*signals, extra], COUNTRIES[i % 2]) for i, (signals, extra, _) in enumerate(batch)]
    shuffled = []
    for case, (_, _, shuffler) in zip(cases, batch, strict=True):
        signals = list(case.signals)
        shuffler.shuffle(signals)
        shuffled.append(replace(case, signals=signals))
    answers = rules.judge([*cases, *shuffled])
    assert answers[: len(cases)] == answers[len(cases) :]
