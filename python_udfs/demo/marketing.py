"""Klaviyo: profiles, campaigns and what people do with the mails."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from python_udfs.demo.accounts import KINDS, Membership, older_versions, synced
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Rng,
    Text,
    chance,
    constant,
    digits,
    hex_text,
    join,
    null_where,
    take,
    text,
    timestamps,
    to_text,
    where,
)
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.identity import Style, country_text, write_down
from python_udfs.demo.population import Population, Window
from python_udfs.demo.writer import table_of

KLAVIYO = Style(
    native_script=0.7,
    nickname=0.08,
    no_name=0.18,
    no_email=0.01,
    no_phone=0.7,
    no_address=0.55,
    emails=(0.8, 0.15, 0.01, 0.04, 0.0),
)
Tables = dict[str, pa.Table]
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
    tables = {
        "klaviyo.campaign": table_of(
            "klaviyo.campaign",
            {
                "id": ids,
                "name": join("Newsletter ", ids),
                "subject": take(
                    text(
                        [
                            "New arrivals for you",
                            "Our favourites this month",
                            "Last days of the sale",
                            "A little thank-you",
                        ]
                    ),
                    at // DAY // _CAMPAIGN_EVERY % 4,
                ),
                "from_email": constant("news@kindred.example", count),
                "sent_at": timestamps(at),
                "created": timestamps(at - 2 * DAY),
                "updated": timestamps(at),
                "_fivetran_deleted": np.zeros(count, dtype=bool),
                "_fivetran_synced": timestamps(at + 3_600),
            },
        )
    }
    if window.day == 0:
        number = len(METRICS)
        created = np.full(number, window.start - 300 * DAY)
        tables["klaviyo.metric"] = table_of(
            "klaviyo.metric",
            {
                "id": join("MTR", digits(np.arange(number, dtype=np.int64) + 1, 3)),
                "name": text(METRICS),
                "created": timestamps(created),
                "updated": timestamps(created),
                "_fivetran_deleted": np.zeros(number, dtype=bool),
                "_fivetran_synced": timestamps(created + DAY),
            },
        )
    return tables


def klaviyo_people(rng: Rng, pop: Population, members: Membership) -> Tables:
    """Profiles; consent properties as forms fill them."""
    acc = members.klaviyo
    count = len(acc)
    w = write_down(rng, pop, acc.who, acc.created, acc.updated, KLAVIYO)
    customer = members.shop.first_of(pop.count)[acc.who]
    agrees = chance(rng, np.clip(pop.opt_in[acc.who] + 0.1, 0, 0.97), count)
    by_sms = agrees & chance(rng, 0.22, count)
    consent = where(
        by_sms, constant('["email","sms"]', count), where(agrees, constant("email", count), constant(None, count))
    )
    table = table_of(
        "klaviyo.person",
        {
            "id": klaviyo_ids(members),
            "external_id": take(to_text(members.shop.number), np.where(chance(rng, 0.5, count), customer, -1)),
            "email": w.email,
            "phone_number": w.phone,
            "first_name": w.given,
            "last_name": w.family,
            "organization": null_where(chance(rng, 0.8, count), take(pop.companies.name, pop.company[acc.who])),
            "address_1": w.street,
            "city": w.city,
            "region": w.region,
            "zip": w.postcode,
            "country": null_where(w.no_address, country_text(rng, w.country, 0.1, 0.05, 0.05)),
            "timezone": null_where(
                chance(rng, 0.5, count),
                take(
                    text(["America/New_York" if c.code == "US" else f"Europe/{c.time_zone}" for c in COUNTRIES]),
                    pop.country[acc.who],
                ),
            ),
            "created": timestamps(acc.created),
            "updated": timestamps(acc.updated),
            "custom_consent": consent,
            "custom_consent_timestamp": timestamps(np.where(agrees, acc.created + 60, -1)),
            "custom_accepts_marketing": pa.array(agrees, mask=chance(rng, 0.3, count)),
            "custom_sms_consent": pa.array(by_sms, mask=chance(rng, 0.5, count)),
            "_fivetran_deleted": chance(rng, 0.006, count),
            "_fivetran_synced": timestamps(synced(rng, acc.updated)),
        },
    )
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
        kept = acc.created[people] < sent[campaign]
        pair = np.unique(people[kept] * len(sent) + campaign[kept])
        people, campaign = pair // len(sent), pair % len(sent)
    start = sent[campaign] + rng.integers(60, 5_400, len(people)) if len(people) else people
    mood = 0.12 + 0.5 * pop.opt_in[acc.who][people]
    bounced = chance(rng, 0.012, len(people))
    opened = ~bounced & chance(rng, mood, len(people))
    clicked = opened & chance(rng, 0.22, len(people))
    leaves = opened & chance(rng, 0.012, len(people))
    spam = ~bounced & chance(rng, 0.0015, len(people))
    parts = [
        (np.flatnonzero(~bounced), 0, 30),
        (np.flatnonzero(opened), 1, DAY),
        (np.flatnonzero(clicked), 2, DAY),
        (np.flatnonzero(leaves), 3, DAY),
        (np.flatnonzero(spam), 4, DAY),
        (np.flatnonzero(bounced), 5, 600),
    ]
    row = np.concatenate([rows for rows, _, _ in parts])
    kind = np.concatenate([np.full(len(rows), number, dtype=np.int64) for rows, number, _ in parts])
    delay = np.concatenate(
        [(rng.random(len(rows)) ** 3 * room).astype(np.int64) + (60 if number else 0) for rows, number, room in parts]
    )
    at = np.minimum(start[row] + delay + np.where(kind == 2, DAY // 2, 0), window.end - 30)
    order = np.argsort(at, kind="stable")
    row, kind, at = row[order], kind[order], at[order]
    count = len(row)
    table = table_of(
        "klaviyo.event",
        {
            "id": join("E", digits(pop.block.ids(count, KINDS["klaviyo_event"], window.day) % 10**14, 14)),
            "person_id": ids_of.take(pa.array(people[row])),
            "campaign_id": take(ids, campaign[row]) if len(sent) else constant(None, count),
            "metric_id": join("MTR", digits(kind + 1, 3)),
            "type": take(text(METRICS), kind),
            "datetime": timestamps(at),
            "timestamp": timestamps(at),
            "uuid": hex_text(rng, count, 32, True),
            "_fivetran_deleted": np.zeros(count, dtype=bool),
            "_fivetran_synced": timestamps(synced(rng, at)),
        },
    )
    return {"klaviyo.event": table}
