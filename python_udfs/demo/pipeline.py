"""Sales in Salesforce: deals with the stages they pass, and what sales does about contacts and leads."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from python_udfs.demo.accounts import KINDS, Membership, salesforce_ids, synced, text_of
from python_udfs.demo.arrays import DAY, Rng, chance, constant, dates, join, pick, take, text, timestamps, where
from python_udfs.demo.company_records import account_ids, in_salesforce
from python_udfs.demo.crm import contact_ids, lead_ids
from python_udfs.demo.population import Population, Window
from python_udfs.demo.writer import table_of

STAGES = ("Qualification", "Needs Analysis", "Proposal", "Negotiation")
PROBABILITY = np.array([10.0, 25.0, 50.0, 75.0])
WON, LOST = "Closed Won", "Closed Lost"
FOREVER = 253_402_300_799  # the end of the year 9999: a version that holds


def pipeline_tables(rng: Rng, pop: Population, members: Membership, window: Window) -> dict[str, pa.Table]:
    """Deals of the block's companies with their history, and tasks about its contacts and leads."""
    return {**_deals(rng, pop, window), "salesforce.task": _tasks(rng, pop, members, window)}


def _deals(rng: Rng, pop: Population, window: Window) -> dict[str, pa.Table]:
    firm = np.repeat(
        np.flatnonzero(in_salesforce(pop)), np.minimum(rng.poisson(1.3, int(in_salesforce(pop).sum())), 12)
    )
    count = len(firm)
    ids = salesforce_ids("006", pop.block.ids(count, KINDS["opportunity"]) % 10**14)
    opened = window.start + (rng.random(count) * max(window.end - window.start - DAY, 1)).astype(np.int64)
    amount = np.round(rng.lognormal(9.2, 1.0, count), 2)
    # How many open stages a deal passes, and how long each lasts; what does not end before the window does is still open.
    passed = 1 + pick(rng, [3, 3, 2, 3], count)
    days = rng.exponential(18, (count, len(STAGES))) + 0.5
    ends = opened[:, None] + (np.cumsum(days, axis=1) * DAY).astype(np.int64)
    closed_at = ends[np.arange(count), passed - 1]
    is_closed = closed_at < window.end
    is_won = is_closed & (passed == len(STAGES)) & chance(rng, 0.7, count)
    begins = np.concatenate([opened[:, None], ends[:, :-1]], axis=1)
    versions = [
        (np.flatnonzero((passed > stage) & (begins[:, stage] < window.end)), begins[:, stage], STAGES[stage])
        for stage in range(len(STAGES))
    ]
    versions.append((np.flatnonzero(is_won), closed_at, WON))
    versions.append((np.flatnonzero(is_closed & ~is_won), closed_at, LOST))
    who = np.concatenate([rows for rows, _, _ in versions])
    start = np.concatenate([begin[rows] for rows, begin, _ in versions])
    stage_name = pa.concat_arrays([constant(name, len(rows)) for rows, _, name in versions])
    order = np.lexsort((start, who))
    who, start = who[order], start[order]
    stage_name = stage_name.take(pa.array(order))
    is_last = np.append(who[1:] != who[:-1], True) if count else np.zeros(0, dtype=bool)
    end = np.where(is_last, FOREVER, np.append(start[1:], FOREVER)[: len(start)])
    last = np.flatnonzero(is_last)
    open_stage = np.minimum((begins < window.end).sum(axis=1), passed) - 1
    probability = np.where(is_won, 100.0, np.where(is_closed, 0.0, PROBABILITY[np.maximum(open_stage, 0)]))
    deals = table_of(
        "salesforce.opportunity",
        {
            "id": ids,
            "account_id": take(account_ids(pop), firm),
            "name": join(
                take(pop.companies.stem, firm), text_of(["order", "renewal", "pilot"], rng, count), separator=" - "
            ),
            "stage_name": stage_name.take(pa.array(last)),
            "amount": pa.array(amount, mask=chance(rng, 0.08, count)),
            "probability": probability,
            "is_won": is_won,
            "is_closed": is_closed,
            "type": text_of(["New Business", "Existing Business"], rng, count, [6, 4]),
            "lead_source": text_of(["Web", "Trade Show", "Partner", "Webinar"], rng, count),
            "created_date": timestamps(opened),
            "close_date": dates(np.where(is_closed, closed_at, window.end + 30 * DAY) // DAY),
            "is_deleted": chance(rng, 0.01, count),
            "_fivetran_synced": timestamps(synced(rng, np.where(is_closed, closed_at, opened))),
        },
    )
    history = table_of(
        "salesforce.opportunity_history",
        {
            "id": take(ids, who),
            "_fivetran_start": timestamps(start),
            "_fivetran_end": timestamps(end),
            "_fivetran_active": is_last,
            "stage_name": stage_name,
            "amount": amount[who],
            "is_deleted": np.zeros(len(who), dtype=bool),
            "_fivetran_synced": timestamps(start + 600),
        },
    )
    return {"salesforce.opportunity": deals, "salesforce.opportunity_history": history}


def _tasks(rng: Rng, pop: Population, members: Membership, window: Window) -> pa.Table:
    contact = np.repeat(np.arange(len(members.sf_contact)), rng.poisson(1.5, len(members.sf_contact)))
    lead = np.repeat(np.arange(len(members.sf_lead)), rng.poisson(0.8, len(members.sf_lead)))
    count = len(contact) + len(lead)
    about = pa.concat_arrays([take(contact_ids(members), contact), take(lead_ids(members), lead)])
    known = np.concatenate([members.sf_contact.created[contact], members.sf_lead.created[lead]])
    at = np.minimum(known + (rng.random(count) * np.maximum(window.end - known, 1)).astype(np.int64), window.end - 60)
    kind = pick(rng, [5, 4, 2], count)
    done = chance(rng, 0.85, count)
    return table_of(
        "salesforce.task",
        {
            "id": salesforce_ids("00T", pop.block.ids(count, KINDS["task"]) % 10**14),
            "who_id": about,
            "what_id": constant(None, count),
            "account_id": constant(None, count),
            "subject": take(text(["Call", "Email: follow-up", "Send brochure"]), kind),
            "task_subtype": take(text(["Call", "Email", "Task"]), kind),
            "status": where(done, constant("Completed", count), constant("Not Started", count)),
            "activity_date": timestamps(at // DAY * DAY),
            "created_date": timestamps(at),
            "is_closed": done,
            "is_deleted": chance(rng, 0.01, count),
            "_fivetran_synced": timestamps(synced(rng, at)),
        },
    )
