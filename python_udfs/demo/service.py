"""Zendesk users and tickets, Klaviyo profiles and e-mail events, and survey answers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo.accounts import KINDS, Membership, older_versions, synced, text_of
from python_udfs.demo.arrays import DAY, Ints, Mask, Rng, Text, chance, constant, digits, hex_text, join, null_where, pick, take, text, timestamps, to_text, where
from python_udfs.demo.catalogue import CATEGORIES
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.identity import Style, country_codes, country_text, write_down
from python_udfs.demo.population import Population, Window
from python_udfs.demo.purchases import Buying, seasonal_times
from python_udfs.demo.writer import table_of

DESK = Style(native_script=0.7, nickname=0.14, no_name=0.05, no_email=0.04, no_phone=0.7, no_address=1.0, emails=(0.66, 0.2, 0.06, 0.05, 0.03))
KLAVIYO = Style(native_script=0.7, nickname=0.08, no_name=0.18, no_email=0.01, no_phone=0.7, no_address=0.55, emails=(0.8, 0.15, 0.01, 0.04, 0.0))
SURVEY = Style(native_script=0.6, nickname=0.15, typo=0.03, no_name=0.55, no_email=0.3, no_phone=0.88, no_address=1.0, junk=0.02, emails=(0.72, 0.2, 0.03, 0.05, 0.0))
STAFF = 12
Tables = dict[str, pa.Table]
_SUBJECTS = ("Where is my order?", "Wrong item received", "Refund request", "Change of address", "Product question", "Discount code does not work", "Cannot log in", "Thank you!", "Delete my data")


def per_window(rng: Rng, pop: Population, window: Window, expected: np.ndarray, begin: Ints) -> tuple[Ints, Ints]:
    """Events of a Poisson process: rows of the input (`expected` events in 910 days) and their times."""
    start = np.maximum(begin, window.start)
    number = rng.poisson(np.maximum(expected * (window.end - start) / DAY / 910, 0))
    rows = np.repeat(np.arange(len(begin)), number)
    at = seasonal_times(rng, start[rows], window)
    order = np.argsort(at, kind="stable")
    return rows[order], at[order]


def staff_rows(window: Window) -> pa.Table:
    """Agents of the support desk: no customers."""
    count = STAFF
    created = np.full(count, window.start - 300 * DAY)
    return table_of("zendesk.user", {
        "id": staff_ids(), "name": join("Agent", to_text(np.arange(count) + 1), separator=" "), "email": join("agent", to_text(np.arange(count) + 1), "@kindred.example"),
        "role": take(text(["agent", "admin"]), (np.arange(count) % 6 == 0).astype(np.int64)), "locale": constant("en-GB", count), "time_zone": constant("London", count),
        "active": np.ones(count, dtype=bool), "suspended": np.zeros(count, dtype=bool), "verified": np.ones(count, dtype=bool), "created_at": timestamps(created),
        "updated_at": timestamps(created + 10 * DAY), "last_login_at": timestamps(created + 290 * DAY), "_fivetran_synced": timestamps(created + 300 * DAY),
    })  # fmt: skip


def staff_ids() -> Ints:
    """Ids of the agents."""
    return np.arange(STAFF, dtype=np.int64) + 900_000_001


def organization_ids(pop: Population) -> Ints:
    """Zendesk's ids of the block's companies; one company in three is an organization there."""
    return pop.block.ids(pop.companies.count, KINDS["organization"])


def zendesk_users(rng: Rng, pop: Population, members: Membership, window: Window) -> Tables:
    """End users; some carry the shop's customer id as external_id."""
    acc = members.zendesk
    count = len(acc)
    w = write_down(rng, pop, acc.who, acc.created, acc.updated, DESK)
    customer = members.shop.first_of(pop.count)[acc.who]
    external = take(to_text(members.shop.number), np.where(chance(rng, 0.45, count), customer, -1))
    company = pop.company[acc.who]
    organized = (company >= 0) & (company % 3 == 0) & chance(rng, 0.7, count)
    users = table_of("zendesk.user", {
        "id": acc.number, "name": pc.coalesce(w.full, pc.utf8_slice_codeunits(w.email, 0, 8)), "email": w.email, "phone": w.phone, "role": constant("end-user", count), "external_id": external,
        "organization_id": pa.array(organization_ids(pop)[np.maximum(company, 0)], mask=~organized), "locale": take(text([c.locale for c in COUNTRIES]), pop.country[acc.who]),
        "time_zone": take(text([c.time_zone for c in COUNTRIES]), pop.country[acc.who]), "active": ~chance(rng, 0.01, count), "suspended": chance(rng, 0.004, count),
        "verified": chance(rng, 0.6, count), "notes": null_where(chance(rng, 0.98, count), text_of(["calls often", "asked for deletion", "VIP"], rng, count)),
        "created_at": timestamps(acc.created), "updated_at": timestamps(acc.updated), "last_login_at": timestamps(np.where(chance(rng, 0.5, count), -1, acc.updated)),
        "_fivetran_synced": timestamps(synced(rng, acc.updated)),
    })  # fmt: skip
    firms = np.flatnonzero(np.arange(pop.companies.count) % 3 == 0)
    born = window.start - rng.integers(0, 300, len(firms)) * DAY
    organizations = table_of("zendesk.organization", {
        "id": organization_ids(pop)[firms], "name": take(pop.companies.name, firms), "external_id": null_where(chance(rng, 0.5, len(firms)), take(pop.companies.domain, firms)),
        "created_at": timestamps(born), "updated_at": timestamps(born + DAY), "_fivetran_synced": timestamps(born + 2 * DAY),
    })  # fmt: skip
    return {"zendesk.user": older_versions(rng, users, 0.012, "created_at", "updated_at", "_fivetran_synced", ("phone",)), "zendesk.organization": organizations}


def tickets(rng: Rng, pop: Population, members: Membership, window: Window) -> Tables:
    """Tickets of the end users, some of them rated."""
    acc = members.zendesk
    rows, at = per_window(rng, pop, window, 1.5 * pop.activity[acc.who], acc.created)
    count = len(rows)
    ids = pop.block.ids(count, KINDS["ticket"], window.day)
    later = np.minimum(at + rng.exponential(3 * DAY, count).astype(np.int64), window.end - 60)
    subject = text_of(list(_SUBJECTS), rng, count, [9, 4, 6, 2, 6, 3, 3, 1, 0.5])
    staff = staff_ids()[rng.integers(0, STAFF, count)]
    table = table_of("zendesk.ticket", {
        "id": ids, "requester_id": acc.number[rows], "submitter_id": np.where(chance(rng, 0.1, count), staff, acc.number[rows]), "assignee_id": pa.array(staff, mask=chance(rng, 0.05, count)),
        "subject": subject, "description": join(subject, " I am waiting for your answer."), "status": text_of(["closed", "solved", "open", "pending", "deleted"], rng, count, [70, 18, 7, 4, 1]),
        "priority": null_where(chance(rng, 0.5, count), text_of(["low", "normal", "high", "urgent"], rng, count, [3, 6, 2, 0.5])), "type": text_of(["question", "problem", "incident", "task"], rng, count, [5, 3, 1, 1]),
        "via_channel": text_of(["email", "web", "chat", "voice"], rng, count, [5, 3, 1, 1]), "created_at": timestamps(at), "updated_at": timestamps(later), "_fivetran_synced": timestamps(synced(rng, later)),
    })  # fmt: skip
    rated = np.flatnonzero(chance(rng, 0.28, count))
    good = chance(rng, 0.78, len(rated))
    ratings = table_of("zendesk.satisfaction_rating", {
        "id": pop.block.ids(len(rated), KINDS["rating"], window.day), "ticket_id": ids[rated], "requester_id": acc.number[rows[rated]],
        "score": where(good, constant("good", len(rated)), text_of(["bad", "offered"], rng, len(rated), [8, 2])),
        "comment": null_where(chance(rng, 0.7, len(rated)), where(good, text_of(["quick and kind", "great service", "all solved"], rng, len(rated)), text_of(["still waiting", "not solved", "too slow"], rng, len(rated)))),
        "created_at": timestamps(later[rated]), "updated_at": timestamps(later[rated]), "_fivetran_synced": timestamps(later[rated] + 3_600),
    })  # fmt: skip
    return {"zendesk.ticket": table, "zendesk.satisfaction_rating": ratings}


# ---------------------------------------------------------------- Klaviyo
METRICS = ("Received Email", "Opened Email", "Clicked Email", "Unsubscribed", "Marked Email as Spam", "Bounced Email")
_CAMPAIGN_EVERY = 21  # days


def klaviyo_ids(members: Membership) -> Text:
    """Klaviyo's ids of its profiles."""
    return join("01J", digits(members.klaviyo.number % 10**14, 14))


def campaigns(start: int, end: int) -> tuple[Ints, Text]:
    """Times and ids of the campaigns sent between two times; the schedule runs on for ever."""
    step = _CAMPAIGN_EVERY * DAY
    numbers = np.arange(-(-start // step), -(-end // step), dtype=np.int64)
    return numbers * step + 9 * 3_600, join("C", digits(numbers, 5))


def campaign_tables(window: Window) -> Tables:
    """Campaigns sent in the window (and, in the base, the list of metrics)."""
    at, ids = campaigns(window.start, window.end)
    count = len(at)
    tables = {"klaviyo.campaign": table_of("klaviyo.campaign", {
        "id": ids, "name": join("Newsletter ", ids), "subject": take(text(["New arrivals for you", "Our favourites this month", "Last days of the sale", "A little thank-you"]), at // DAY // _CAMPAIGN_EVERY % 4),
        "from_email": constant("news@kindred.example", count), "sent_at": timestamps(at), "created": timestamps(at - 2 * DAY), "updated": timestamps(at), "_fivetran_deleted": np.zeros(count, dtype=bool),
        "_fivetran_synced": timestamps(at + 3_600),
    })}  # fmt: skip
    if window.day == 0:
        number = len(METRICS)
        created = np.full(number, window.start - 300 * DAY)
        tables["klaviyo.metric"] = table_of("klaviyo.metric", {
            "id": join("MTR", digits(np.arange(number, dtype=np.int64) + 1, 3)), "name": text(METRICS), "created": timestamps(created), "updated": timestamps(created),
            "_fivetran_deleted": np.zeros(number, dtype=bool), "_fivetran_synced": timestamps(created + DAY),
        })  # fmt: skip
    return tables


def klaviyo_people(rng: Rng, pop: Population, members: Membership) -> Tables:
    """Profiles; consent properties as forms fill them."""
    acc = members.klaviyo
    count = len(acc)
    w = write_down(rng, pop, acc.who, acc.created, acc.updated, KLAVIYO)
    customer = members.shop.first_of(pop.count)[acc.who]
    agrees = chance(rng, np.clip(pop.opt_in[acc.who] + 0.1, 0, 0.97), count)
    by_sms = agrees & chance(rng, 0.22, count)
    consent = where(by_sms, constant('["email","sms"]', count), where(agrees, constant("email", count), constant(None, count)))
    table = table_of("klaviyo.person", {
        "id": klaviyo_ids(members), "external_id": take(to_text(members.shop.number), np.where(chance(rng, 0.5, count), customer, -1)), "email": w.email, "phone_number": w.phone,
        "first_name": w.given, "last_name": w.family, "organization": null_where(chance(rng, 0.8, count), take(pop.companies.name, pop.company[acc.who])), "address_1": w.street, "city": w.city,
        "region": w.region, "zip": w.postcode, "country": null_where(w.no_address, country_text(rng, w.country, 0.1, 0.05, 0.05)), "timezone": null_where(chance(rng, 0.5, count), take(text(["America/New_York" if c.code == "US" else f"Europe/{c.time_zone}" for c in COUNTRIES]), pop.country[acc.who])),
        "created": timestamps(acc.created), "updated": timestamps(acc.updated), "custom_consent": consent, "custom_consent_timestamp": timestamps(np.where(agrees, acc.created + 60, -1)),
        "custom_accepts_marketing": pa.array(agrees, mask=chance(rng, 0.3, count)), "custom_sms_consent": pa.array(by_sms, mask=chance(rng, 0.5, count)), "_fivetran_deleted": chance(rng, 0.006, count),
        "_fivetran_synced": timestamps(synced(rng, acc.updated)),
    })  # fmt: skip
    return {"klaviyo.person": older_versions(rng, table, 0.015, "created", "updated", "_fivetran_synced", ("city",))}


def klaviyo_events(rng: Rng, pop: Population, members: Membership, window: Window) -> Tables:
    """Mails received at campaigns, and what people did with them."""
    acc = members.klaviyo
    sent, ids = campaigns(window.start, window.end)
    ids_of = klaviyo_ids(members)
    people, campaign = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    if len(sent) and len(acc):
        reached = np.clip(0.05 + 0.22 * pop.opt_in[acc.who], 0, 1)
        number = rng.binomial(len(sent), reached)
        people = np.repeat(np.arange(len(acc)), number)
        campaign = rng.integers(0, len(sent), len(people))
        kept = (acc.created[people] < sent[campaign])
        pair = np.unique(people[kept] * len(sent) + campaign[kept])
        people, campaign = pair // len(sent), pair % len(sent)
    start = sent[campaign] + rng.integers(60, 5_400, len(people)) if len(people) else people
    mood = 0.12 + 0.5 * pop.opt_in[acc.who][people]
    bounced = chance(rng, 0.012, len(people))
    opened = ~bounced & chance(rng, mood, len(people))
    clicked = opened & chance(rng, 0.22, len(people))
    leaves = opened & chance(rng, 0.012, len(people))
    spam = ~bounced & chance(rng, 0.0015, len(people))
    parts = [(np.flatnonzero(~bounced), 0, 30), (np.flatnonzero(opened), 1, DAY), (np.flatnonzero(clicked), 2, DAY), (np.flatnonzero(leaves), 3, DAY), (np.flatnonzero(spam), 4, DAY), (np.flatnonzero(bounced), 5, 600)]
    row = np.concatenate([rows for rows, _, _ in parts])
    kind = np.concatenate([np.full(len(rows), number, dtype=np.int64) for rows, number, _ in parts])
    delay = np.concatenate([(rng.random(len(rows)) ** 3 * room).astype(np.int64) + (60 if number else 0) for rows, number, room in parts])
    at = np.minimum(start[row] + delay + np.where(kind == 2, DAY // 2, 0), window.end - 30)
    order = np.argsort(at, kind="stable")
    row, kind, at = row[order], kind[order], at[order]
    count = len(row)
    table = table_of("klaviyo.event", {
        "id": join("E", digits(pop.block.ids(count, KINDS["klaviyo_event"], window.day) % 10**14, 14)), "person_id": ids_of.take(pa.array(people[row])), "campaign_id": take(ids, campaign[row]) if len(sent) else constant(None, count),
        "metric_id": join("MTR", digits(kind + 1, 3)), "type": take(text(METRICS), kind), "datetime": timestamps(at), "timestamp": timestamps(at), "uuid": hex_text(rng, count, 32, True),
        "_fivetran_deleted": np.zeros(count, dtype=bool), "_fivetran_synced": timestamps(synced(rng, at)),
    })  # fmt: skip
    return {"klaviyo.event": table}


# ---------------------------------------------------------------- surveys
_OCCUPATIONS = ("teacher", "nurse", "engineer", "student", "retired", "self-employed", "office worker", "craftsman", "manager", "artist", "homemaker", "civil servant")
_PRAISE = ("love it", "good quality", "quick delivery", "will come back", "great staff")
_BLAME = ("too expensive", "late parcel", "bad packaging", "rude answer", "broken on arrival")


def surveys(rng: Rng, pop: Population, members: Membership, habits: Buying, window: Window) -> tuple[Tables, Ints, Mask]:
    """Answers to NPS, satisfaction and profile surveys; persons and whether a row has any identity."""
    rows, at = per_window(rng, pop, window, 0.42 * pop.activity, pop.joined)
    count = len(rows)
    w = write_down(rng, pop, rows, at, at, SURVEY)
    customer = members.shop.first_of(pop.count)[rows]
    ref = take(to_text(members.shop.number), np.where(chance(rng, 0.2, count), customer, -1))
    anonymous = chance(rng, 0.1, count)
    email, name, phone, ref = (null_where(anonymous, t) for t in (w.email, w.full, w.phone, ref))
    kind = pick(rng, [0.45, 0.35, 0.2], count)
    happy = np.clip(rng.normal(0.72, 0.22, count), 0, 1)
    score = np.where(kind == 0, np.round(happy * 10), 1 + np.round(happy * 4)).astype(np.int64)
    themes = text(list(CATEGORIES))
    interests = join(take(themes, habits.favourite[rows]), take(themes, habits.second[rows]), separator=";")
    late = np.where(chance(rng, 0.03, count), rng.integers(2 * DAY, 20 * DAY, count), rng.integers(30, 900, count))
    table = table_of("survey.response", {
        "response_id": survey_ids(pop, count, window.day), "survey_id": take(text(["nps-2024", "csat-orders", "profile-quiz"]), kind), "survey_type": take(text(["nps", "csat", "profile"]), kind),
        "respondent_email": email, "respondent_name": name, "respondent_phone": phone, "customer_ref": ref, "score": pa.array(score, mask=kind == 2),
        "comment": null_where(chance(rng, 0.6, count) | (kind == 2), where(happy > 0.6, text_of(list(_PRAISE), rng, count), text_of(list(_BLAME), rng, count))),
        "interests": null_where(kind != 2, interests), "occupation": null_where((kind != 2) | chance(rng, 0.2, count), text_of(list(_OCCUPATIONS), rng, count)), "answered_at": timestamps(at),
        "submitted_at": timestamps(np.minimum(at + late, window.end - 20)), "language": take(text([c.language for c in COUNTRIES]), pop.country[rows]), "country": country_codes(pop.country[rows]),
        "loaded_at": timestamps(np.minimum(at + late, window.end - 20) // DAY * DAY + DAY + 4 * 3_600),
    })  # fmt: skip
    valid = [t.is_valid().to_numpy(zero_copy_only=False) for t in (email, name, phone, ref)]
    return {"survey.response": table}, rows, np.logical_or.reduce(valid)


def survey_ids(pop: Population, count: int, day: int) -> Text:
    """Ids of survey answers."""
    return join("SR", digits(pop.block.ids(count, KINDS["survey"], day) % 10**14, 14))
