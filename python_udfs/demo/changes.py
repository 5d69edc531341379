"""What changes from day to day in person records and orders that the base already holds.

The changes of a day are drawn from that day's own random numbers, for all rows of a table, so the row
that day K delivers also carries what the days before it changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo import crm, loyalty, marketing, places
from python_udfs.demo.accounts import KINDS, Accounts, Membership, text_of
from python_udfs.demo.arrays import DAY, Ints, Rng, Text, chance, constant, flat, money, pick, take, timestamps
from python_udfs.demo.contact import draw_addresses, draw_numbers, render_phones
from python_udfs.demo.population import Population, Window
from python_udfs.demo.shop import Orders
from python_udfs.demo.writer import table_of

Tables = dict[str, pa.Table]
RATE = 0.0045  # of the rows of a table a day; with about three records a person 1% of the people
PHONE, ADDRESS, EMAIL, FLAG, DELETED, TOUCHED = range(6)
_WEIGHTS = (0.2, 0.2, 0.12, 0.25, 0.04, 0.19)


@dataclass(frozen=True)
class Layout:
    """Which columns of a person table play which part; None where the table has none."""

    table: str
    key: str
    updated: str
    synced: str
    phone: str
    email: str
    flag: str
    deleted: str | None
    street: str | None = None
    city: str | None = None
    postcode: str | None = None
    region: str | None = None


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "shopify.customer",
        "id",
        "updated_at",
        "_fivetran_synced",
        "phone",
        "email",
        "accepts_marketing",
        "_fivetran_deleted",
    ),
    Layout(
        "hubspot.contact",
        "id",
        "property_lastmodifieddate",
        "_fivetran_synced",
        "property_mobilephone",
        "property_email",
        "property_hs_email_optout",
        "_fivetran_deleted",
        "property_address",
        "property_city",
        "property_zip",
        "property_state",
    ),
    Layout(
        "salesforce.contact",
        "id",
        "last_modified_date",
        "_fivetran_synced",
        "mobile_phone",
        "email",
        "has_opted_out_of_email",
        "is_deleted",
        "mailing_street",
        "mailing_city",
        "mailing_postal_code",
        "mailing_state",
    ),
    Layout(
        "salesforce.lead",
        "id",
        "last_modified_date",
        "_fivetran_synced",
        "mobile_phone",
        "email",
        "has_opted_out_of_email",
        "is_deleted",
        "street",
        "city",
        "postal_code",
        "state",
    ),
    Layout("zendesk.user", "id", "updated_at", "_fivetran_synced", "phone", "email", "verified", None),
    Layout(
        "klaviyo.person",
        "id",
        "updated",
        "_fivetran_synced",
        "phone_number",
        "email",
        "custom_accepts_marketing",
        "_fivetran_deleted",
        "address_1",
        "city",
        "zip",
        "region",
    ),
    Layout(
        "pos.member",
        "member_id",
        "updated_at",
        "loaded_at",
        "mobile",
        "email",
        "email_opt_in",
        "is_deleted",
        "street",
        "city",
        "postal_code",
    ),
)


def _accounts_of(name: str, members: Membership) -> tuple[Accounts, Any]:
    """Accounts of a table and their ids as the table writes them."""
    return {
        "shopify.customer": lambda: (members.shop, pa.array(members.shop.number)),
        "hubspot.contact": lambda: (members.hubspot, pa.array(members.hubspot.number)),
        "salesforce.contact": lambda: (members.sf_contact, crm.contact_ids(members)),
        "salesforce.lead": lambda: (members.sf_lead, crm.lead_ids(members)),
        "zendesk.user": lambda: (members.zendesk, pa.array(members.zendesk.number)),
        "klaviyo.person": lambda: (members.klaviyo, marketing.klaviyo_ids(members)),
        "pos.member": lambda: (members.member, loyalty.member_ids(members)),
    }[name]()


def current_rows(table: pa.Table, key: str, updated: str) -> pa.Table:
    """The latest version of each id, ordered by id."""
    ordered = table.take(pc.sort_indices(table, sort_keys=[(key, "ascending"), (updated, "ascending")]))
    keys = flat(ordered[key])
    last = np.ones(len(keys), dtype=bool)
    if len(keys) > 1:
        last[:-1] = pc.not_equal(keys.slice(1), keys.slice(0, len(keys) - 1)).to_numpy(zero_copy_only=False)
    return ordered.filter(pa.array(last))


def _set(table: pa.Table, name: str, rows: Ints, values: Any) -> pa.Table:
    """Put `values` into a column at the given rows (any order)."""
    if len(rows) == 0:
        return table
    at = table.schema.get_field_index(name)
    order = np.argsort(rows, kind="stable")
    mask = np.zeros(table.num_rows, dtype=bool)
    mask[rows] = True
    column = flat(pc.replace_with_mask(flat(table[name]), pa.array(mask), flat(values.take(pa.array(order)))))
    return table.set_column(at, table.schema.field(name), column)


def _apply(
    rng: Rng,
    pop: Population,
    layout: Layout,
    who: Ints,
    start: int,
    rows: Ints,
    kind: Ints,
    subset: Ints,
    table: pa.Table,
) -> pa.Table:
    """Draw one day's values for all touched rows and put those of `subset` (row numbers) into `table`."""
    count = len(rows)
    person = who[rows]
    place = np.searchsorted(subset, rows)
    hit = place < len(subset)
    hit[hit] = subset[place[hit]] == rows[hit]

    def put(name: str | None, which: int, values: Any) -> None:
        nonlocal table
        if name is not None:
            chosen = np.flatnonzero(hit & ((kind == which) if which >= 0 else True))
            table = _set(table, name, place[chosen], values.take(pa.array(chosen)))

    put(
        layout.phone,
        PHONE,
        render_phones(
            draw_numbers(rng, pop.country[person]), pop.country[person], pick(rng, [3, 2, 2, 1, 1, 1, 1], count)
        ),
    )
    put(layout.email, EMAIL, flat(pc.coalesce(take(pop.email2, person), take(pop.email, person))))
    home = draw_addresses(rng, pop.country[person])
    towns = places.places()
    for name, values in (
        (layout.street, home.line),
        (layout.city, take(towns.city, home.place)),
        (layout.postcode, take(towns.postcode, home.postcode)),
        (layout.region, take(towns.region, home.place)),
    ):
        put(name, ADDRESS, values)
    at = start + rng.integers(60, DAY - 7_200, count)
    flags = chance(rng, np.clip(pop.opt_in[person] * 0.8, 0.1, 0.9), count)
    put(layout.flag, FLAG, pa.array(~flags if "opt" in layout.flag and "out" in layout.flag else flags))
    if layout.table == "shopify.customer":
        put("accepts_marketing_updated_at", FLAG, timestamps(at))
    put(layout.deleted, DELETED, pa.array(np.ones(count, dtype=bool)))
    put(layout.updated, -1, timestamps(at))
    put(
        layout.synced,
        -1,
        timestamps(
            at // DAY * DAY + DAY + 10_800 if layout.synced == "loaded_at" else at + rng.integers(120, 5_000, count)
        ),
    )
    return table


def changed_records(
    stream: Callable[[int, int], Rng], pop: Population, members: Membership, base: Tables, window: Window
) -> Tables:
    """Rows of the person tables that change on the window's day. `stream(stage, day)` gives random numbers."""
    out: Tables = {}
    day_zero = window.start - (window.day - 1) * DAY
    for number, layout in enumerate(LAYOUTS):
        accounts, ids = _accounts_of(layout.table, members)
        table = current_rows(base[layout.table], layout.key, layout.updated)
        at = pc.index_in(flat(table[layout.key]), value_set=ids).to_numpy(zero_copy_only=False)
        table = table.filter(pa.array(~np.isnan(at.astype(float))))
        who = accounts.who[at[~np.isnan(at.astype(float))].astype(np.int64)]
        today = np.flatnonzero(chance(stream(60 + number, window.day), RATE, len(who)))
        rows_of_today = table.take(pa.array(today))
        for day in range(1, window.day + 1):
            rng = stream(60 + number, day)
            rows = np.flatnonzero(chance(rng, RATE, len(who)))
            kind = pick(rng, _WEIGHTS, len(rows))
            rows_of_today = _apply(rng, pop, layout, who, day_zero + (day - 1) * DAY, rows, kind, today, rows_of_today)
        out[layout.table] = rows_of_today
    out.update(_shop_moves(stream, pop, members, base["shopify.customer_address"], out["shopify.customer"], window))
    merges = _merges(members, base["hubspot.contact"], out["hubspot.contact"], window)
    out["hubspot.contact"] = pa.concat_tables([out["hubspot.contact"], merges.pop("hubspot.contact")])
    return {**out, **merges}


def _shop_moves(
    stream: Callable[[int, int], Rng],
    pop: Population,
    members: Membership,
    addresses: pa.Table,
    customers: pa.Table,
    window: Window,
) -> Tables:
    """New default addresses for a fifth of the shop customers that change."""
    rng = stream(70, window.day)
    moving = customers["id"].filter(pa.array(chance(rng, _WEIGHTS[ADDRESS], customers.num_rows)))
    table = addresses.filter(
        pc.and_(addresses["is_default"], pc.is_in(addresses["customer_id"], value_set=flat(moving)))
    )
    table = table.take(pc.sort_indices(table, sort_keys=[("id", "ascending")]))
    who = members.shop.who[
        pc.index_in(flat(table["customer_id"]), value_set=pa.array(members.shop.number))
        .to_numpy(zero_copy_only=False)
        .astype(np.int64)
    ]
    home = draw_addresses(rng, pop.country[who])
    towns = places.places()
    rows = np.arange(table.num_rows)
    for name, values in (
        ("address_1", home.line),
        ("city", take(towns.city, home.place)),
        ("zip", take(towns.postcode, home.postcode)),
        ("province", take(towns.region, home.place)),
        ("province_code", take(towns.region_code, home.place)),
        ("_fivetran_synced", timestamps(np.full(len(rows), window.end - 3_000))),
    ):
        table = _set(table, name, rows, values)
    return {"shopify.customer_address": table}


def _merges(members: Membership, contacts: pa.Table, changed: pa.Table, window: Window) -> Tables:
    """Second HubSpot contacts of a person that somebody merges into the first one on this day."""
    hub = members.hubspot
    first = hub.first_of(int(hub.who.max()) + 1 if len(hub) else 0)[hub.who]
    due = np.flatnonzero((hub.seat == 1) & (hub.number % 60 == window.day % 60))
    current = current_rows(contacts, "id", "property_lastmodifieddate")
    present = pc.and_(
        pc.is_in(pa.array(hub.number[due]), value_set=flat(current["id"])),
        pc.invert(pc.is_in(pa.array(hub.number[due]), value_set=flat(changed["id"]))),
    )
    due = due[present.to_numpy(zero_copy_only=False)]
    at = window.start + 40_000 + np.arange(len(due)) % 20_000
    gone = current.filter(
        pc.is_in(current["id"], value_set=pa.array(hub.number[due]))
    )  # ordered by id, as `due` is put now
    order = np.argsort(hub.number[due])
    rows = np.arange(gone.num_rows)
    for name, values in (
        ("_fivetran_deleted", pa.array(np.ones(len(rows), dtype=bool))),
        ("property_lastmodifieddate", timestamps(at[order])),
        ("_fivetran_synced", timestamps(at[order] + 900)),
    ):
        gone = _set(gone, name, rows, values)
    audit = table_of(
        "hubspot.contact_merge_audit",
        {
            "canonical_vid": hub.number[first[due]],
            "contact_id": hub.number[first[due]],
            "vid_to_merge": hub.number[due],
            "timestamp": timestamps(at),
            "_fivetran_synced": timestamps(at + 1_000),
        },
    )
    return {"hubspot.contact": gone, "hubspot.contact_merge_audit": audit}


def changed_orders(
    stream: Callable[[int, int], Rng], pop: Population, orders: Orders, base: Tables, window: Window
) -> Tables:
    """Orders of the base that are delivered or wholly refunded on this day."""
    sales = orders.sales
    age = (window.start - sales.at) // DAY
    paid = pc.equal(base["shopify.order"]["financial_status"], "paid").to_numpy()
    back = paid & (age >= 1) & (age <= 30) & (sales.ids % 350 == window.day % 350)
    delivered = (
        ~back
        & base["shopify.order"]["fulfillment_status"].combine_chunks().is_null().to_numpy(zero_copy_only=False)
        & ~orders.cancelled
        & (age == 2)
    )
    rows = np.flatnonzero(back | delivered)
    at = window.start + 30_000 + np.arange(len(rows)) % 40_000
    table = base["shopify.order"].take(pa.array(rows))
    every = np.arange(len(rows))
    table = _set(table, "updated_at", every, timestamps(at))
    table = _set(table, "_fivetran_synced", every, timestamps(at + 1_800))
    table = _set(table, "fulfillment_status", every, constant("fulfilled", len(rows)))
    refunded = np.flatnonzero(back[rows])
    table = _set(table, "financial_status", refunded, constant("refunded", len(refunded)))
    lines = np.flatnonzero(back[sales.line_document])
    ids = pop.block.ids(len(refunded), KINDS["refund"], window.day)
    of_order = np.full(len(sales.ids), -1, dtype=np.int64)
    of_order[rows[refunded]] = np.arange(len(refunded))
    refund = of_order[sales.line_document[lines]]
    line_ids = flat(base["shopify.order_line"]["id"]).take(pa.array(lines))
    subtotal = sales.line_total[lines]
    note: Text = text_of(["changed my mind", "damaged"], stream(71, window.day), len(refunded))
    return {
        "shopify.order": table,
        "shopify.refund": table_of(
            "shopify.refund",
            {
                "id": ids,
                "order_id": sales.ids[rows[refunded]],
                "created_at": timestamps(at[refunded]),
                "processed_at": timestamps(at[refunded]),
                "note": note,
                "_fivetran_synced": timestamps(at[refunded] + 1_800),
            },
        ),
        "shopify.order_line_refund": table_of(
            "shopify.order_line_refund",
            {
                "id": pop.block.ids(len(lines), KINDS["line_refund"], window.day),
                "refund_id": ids[refund],
                "order_line_id": line_ids,
                "quantity": sales.quantity[lines],
                "subtotal": money(subtotal),
                "total_tax": money(sales.tax(subtotal, sales.country[sales.line_document[lines]])),
                "restock_type": constant("return", len(lines)),
                "_fivetran_synced": timestamps(at[refunded][refund] + 1_900),
            },
        ),
    }
