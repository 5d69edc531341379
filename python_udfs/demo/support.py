"""Zendesk: end users, the staff that answers them, tickets and satisfaction ratings."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo.accounts import KINDS, Membership, older_versions, synced, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Rng,
    chance,
    constant,
    join,
    null_where,
    take,
    text,
    timestamps,
    to_text,
    where,
)
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.identity import Style, write_down
from python_udfs.demo.population import Population, Window
from python_udfs.demo.purchases import per_window
from python_udfs.demo.writer import table_of

DESK = Style(
    native_script=0.7,
    nickname=0.14,
    no_name=0.05,
    no_email=0.04,
    no_phone=0.7,
    no_address=1.0,
    emails=(0.66, 0.2, 0.06, 0.05, 0.03),
)
STAFF = 12
Tables = dict[str, pa.Table]
_SUBJECTS = (
    "Where is my order?",
    "Wrong item received",
    "Refund request",
    "Change of address",
    "Product question",
    "Discount code does not work",
    "Cannot log in",
    "Thank you!",
    "Delete my data",
)


def staff_rows(window: Window) -> pa.Table:
    """Agents of the support desk: no customers."""
    count = STAFF
    created = np.full(count, window.start - 300 * DAY)
    return table_of(
        "zendesk.user",
        {
            "id": staff_ids(),
            "name": join("Agent", to_text(np.arange(count) + 1), separator=" "),
            "email": join("agent", to_text(np.arange(count) + 1), "@kindred.example"),
            "role": take(text(["agent", "admin"]), (np.arange(count) % 6 == 0).astype(np.int64)),
            "locale": constant("en-GB", count),
            "time_zone": constant("London", count),
            "active": np.ones(count, dtype=bool),
            "suspended": np.zeros(count, dtype=bool),
            "verified": np.ones(count, dtype=bool),
            "created_at": timestamps(created),
            "updated_at": timestamps(created + 10 * DAY),
            "last_login_at": timestamps(created + 290 * DAY),
            "_fivetran_synced": timestamps(created + 300 * DAY),
        },
    )


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
    users = table_of(
        "zendesk.user",
        {
            "id": acc.number,
            "name": pc.coalesce(w.full, pc.utf8_slice_codeunits(w.email, 0, 8)),
            "email": w.email,
            "phone": w.phone,
            "role": constant("end-user", count),
            "external_id": external,
            "organization_id": pa.array(organization_ids(pop)[np.maximum(company, 0)], mask=~organized),
            "locale": take(text([c.locale for c in COUNTRIES]), pop.country[acc.who]),
            "time_zone": take(text([c.time_zone for c in COUNTRIES]), pop.country[acc.who]),
            "active": ~chance(rng, 0.01, count),
            "suspended": chance(rng, 0.004, count),
            "verified": chance(rng, 0.6, count),
            "notes": null_where(
                chance(rng, 0.98, count), text_of(["calls often", "asked for deletion", "VIP"], rng, count)
            ),
            "created_at": timestamps(acc.created),
            "updated_at": timestamps(acc.updated),
            "last_login_at": timestamps(np.where(chance(rng, 0.5, count), -1, acc.updated)),
            "_fivetran_synced": timestamps(synced(rng, acc.updated)),
        },
    )
    firms = np.flatnonzero(np.arange(pop.companies.count) % 3 == 0)
    born = window.start - rng.integers(0, 300, len(firms)) * DAY
    organizations = table_of(
        "zendesk.organization",
        {
            "id": organization_ids(pop)[firms],
            "name": take(pop.companies.name, firms),
            "external_id": null_where(chance(rng, 0.5, len(firms)), take(pop.companies.domain, firms)),
            "created_at": timestamps(born),
            "updated_at": timestamps(born + DAY),
            "_fivetran_synced": timestamps(born + 2 * DAY),
        },
    )
    return {
        "zendesk.user": older_versions(rng, users, 0.012, "created_at", "updated_at", "_fivetran_synced", ("phone",)),
        "zendesk.organization": organizations,
    }


def tickets(rng: Rng, pop: Population, members: Membership, window: Window) -> Tables:
    """Tickets of the end users, some of them rated."""
    acc = members.zendesk
    rows, at = per_window(rng, pop, window, 1.5 * pop.activity[acc.who], acc.created)
    count = len(rows)
    ids = pop.block.ids(count, KINDS["ticket"], window.day)
    later = np.minimum(at + rng.exponential(3 * DAY, count).astype(np.int64), window.end - 60)
    subject = text_of(list(_SUBJECTS), rng, count, [9, 4, 6, 2, 6, 3, 3, 1, 0.5])
    staff = staff_ids()[rng.integers(0, STAFF, count)]
    table = table_of(
        "zendesk.ticket",
        {
            "id": ids,
            "requester_id": acc.number[rows],
            "submitter_id": np.where(chance(rng, 0.1, count), staff, acc.number[rows]),
            "assignee_id": pa.array(staff, mask=chance(rng, 0.05, count)),
            "subject": subject,
            "description": join(subject, " I am waiting for your answer."),
            "status": text_of(["closed", "solved", "open", "pending", "deleted"], rng, count, [70, 18, 7, 4, 1]),
            "priority": null_where(
                chance(rng, 0.5, count), text_of(["low", "normal", "high", "urgent"], rng, count, [3, 6, 2, 0.5])
            ),
            "type": text_of(["question", "problem", "incident", "task"], rng, count, [5, 3, 1, 1]),
            "via_channel": text_of(["email", "web", "chat", "voice"], rng, count, [5, 3, 1, 1]),
            "created_at": timestamps(at),
            "updated_at": timestamps(later),
            "_fivetran_synced": timestamps(synced(rng, later)),
        },
    )
    rated = np.flatnonzero(chance(rng, 0.28, count))
    good = chance(rng, 0.78, len(rated))
    ratings = table_of(
        "zendesk.satisfaction_rating",
        {
            "id": pop.block.ids(len(rated), KINDS["rating"], window.day),
            "ticket_id": ids[rated],
            "requester_id": acc.number[rows[rated]],
            "score": where(good, constant("good", len(rated)), text_of(["bad", "offered"], rng, len(rated), [8, 2])),
            "comment": null_where(
                chance(rng, 0.7, len(rated)),
                where(
                    good,
                    text_of(["quick and kind", "great service", "all solved"], rng, len(rated)),
                    text_of(["still waiting", "not solved", "too slow"], rng, len(rated)),
                ),
            ),
            "created_at": timestamps(later[rated]),
            "updated_at": timestamps(later[rated]),
            "_fivetran_synced": timestamps(later[rated] + 3_600),
        },
    )
    return {"zendesk.ticket": table, "zendesk.satisfaction_rating": ratings}
