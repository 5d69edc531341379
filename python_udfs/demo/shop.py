"""Shopify: customers, addresses, orders with lines and refunds, abandoned checkouts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo.accounts import KINDS, Membership, older_versions, synced, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Mask,
    Rng,
    Text,
    chance,
    constant,
    join,
    money,
    null_where,
    pick,
    take,
    text,
    timestamps,
    to_text,
    where,
)
from python_udfs.demo.catalogue import COLOURS, SIZES, catalogue, variant_ids, variant_titles
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.identity import Style, Written, country_codes, write_down
from python_udfs.demo.population import Population, Window
from python_udfs.demo.purchases import Sales, line_mask, seasonal_times
from python_udfs.demo.writer import table_of

CUSTOMER = Style(
    native_script=0.8,
    nickname=0.07,
    no_name=0.04,
    no_email=0.03,
    no_phone=0.45,
    no_address=0.12,
    stale=0.35,
    emails=(0.84, 0.1, 0.02, 0.04, 0.0),
)
GUEST = Style(
    native_script=0.75,
    nickname=0.1,
    typo=0.02,
    no_name=0.08,
    no_email=0.08,
    no_phone=0.4,
    no_address=0.06,
    emails=(0.66, 0.26, 0.03, 0.05, 0.0),
)
Tables = dict[str, pa.Table]


@dataclass(frozen=True)
class Orders:
    """What other parts need of the web orders: who ordered, when, under which account (-1: guest)."""

    sales: Sales
    account: Ints
    cancelled: Mask
    guest_identity: Mask  # guest orders that carry an e-mail address or a phone number
    total: Ints


def currencies(index: Ints) -> Text:
    """Currency codes of country numbers."""
    return take(text([c.currency for c in COUNTRIES]), index)


def place_orders(rng: Rng, pop: Population, members: Membership, sales: Sales, window: Window) -> tuple[Orders, Tables]:
    """Order tables. Totals are the sums of the lines; tax is contained."""
    count = len(sales.who)
    first = members.shop.first_of(pop.count)[sales.who]
    usable = (first >= 0) & (members.shop.created[np.maximum(first, 0)] <= sales.at + 3_600)
    account = np.where(usable & ~chance(rng, 0.035, count), first, -1)
    if window.day != pop.block.day and len(members.shop):  # customers whose row is lost bring no new record later
        account = np.where(members.shop_lost[np.maximum(account, 0)], -1, account)
    second = np.full(pop.count, -1, dtype=np.int64)
    later = np.flatnonzero(members.shop.seat == 1)
    second[members.shop.who[later]] = later
    other = second[sales.who]
    account = np.where(
        (account >= 0)
        & (other >= 0)
        & (members.shop.created[np.maximum(other, 0)] <= sales.at)
        & chance(rng, 0.5, count),
        other,
        account,
    )
    written = write_down(rng, pop, sales.who, sales.at, sales.at, GUEST)
    counter = (account < 0) & chance(rng, 0.08, count)  # sold over the counter: no customer at all
    own = pop.email.take(sales.who)
    email = null_where(counter, where((account >= 0) & chance(rng, 0.93, count), own, written.email))
    phone = null_where(counter | chance(rng, 0.35, count), written.phone)
    guest = (account < 0) & pc.or_(email.is_valid(), phone.is_valid()).to_numpy(zero_copy_only=False)

    gross = sales.per_document(sales.line_total)
    discounts = sales.per_document(sales.discount)
    tax = sales.tax(gross, sales.country)
    cancelled = chance(rng, 0.018, count)
    refund_tables, refund = _refunds(rng, pop, sales, cancelled, window)
    updated = np.minimum(sales.at + (rng.exponential(3 * DAY, count)).astype(np.int64), window.end - 60)
    paid = np.where(cancelled, 3, np.where(refund == 2, 2, np.where(refund == 1, 1, 0)))
    cancelled_at = np.where(cancelled, np.minimum(sales.at + rng.integers(600, 2 * DAY, count), window.end - 60), -1)
    shipping = ~counter
    customer_id = pa.array(
        members.shop.number[np.maximum(account, 0)] if len(members.shop) else np.zeros(count, dtype=np.int64),
        mask=account < 0,
    )
    orders = table_of(
        "shopify.order",
        {
            "id": sales.ids,
            "customer_id": customer_id,
            "email": email,
            "phone": phone,
            "currency": currencies(sales.currency),
            "subtotal_price": money(gross),
            "total_price": money(gross),
            "total_tax": money(tax),
            "taxes_included": np.ones(count, dtype=bool),
            "total_discounts": money(discounts),
            "created_at": timestamps(sales.at),
            "updated_at": timestamps(np.maximum(updated, cancelled_at)),
            "processed_at": timestamps(np.where(chance(rng, 0.02, count), -1, sales.at + 4)),
            "cancelled_at": timestamps(cancelled_at),
            "financial_status": take(text(["paid", "partially_refunded", "refunded", "voided"]), paid),
            "fulfillment_status": null_where(
                cancelled | (sales.at > window.end - 2 * DAY), constant("fulfilled", count)
            ),
            "source_name": where(
                counter, constant("pos", count), text_of(["web", "iphone", "android"], rng, count, [0.75, 0.14, 0.11])
            ),
            "test": chance(rng, 0.002, count),
            "buyer_accepts_marketing": pop.opt_in[sales.who] > 0.55,
            "name": join("#", to_text(sales.ids % 10**14 + 1_001)),
            "landing_site_base_url": text_of(
                ["/", "/collections/sale", "/products/new", "/?utm_source=newsletter&utm_medium=email"],
                rng,
                count,
                [5, 2, 2, 2],
            ),
            "referring_site": null_where(
                chance(rng, 0.5, count),
                text_of(
                    ["https://www.google.com/", "https://www.bing.com/", "https://www.instagram.com/"],
                    rng,
                    count,
                    [6, 1, 3],
                ),
            ),
            "shipping_address_first_name": null_where(~shipping, written.given),
            "shipping_address_last_name": null_where(~shipping, written.family),
            "shipping_address_address_1": null_where(~shipping, written.street),
            "shipping_address_city": null_where(~shipping, written.city),
            "shipping_address_zip": null_where(~shipping, written.postcode),
            "shipping_address_province": null_where(~shipping, written.region),
            "shipping_address_country_code": null_where(~shipping | written.no_address, country_codes(written.country)),
            "shipping_address_phone": null_where(~shipping | chance(rng, 0.3, count), written.phone),
            "_fivetran_deleted": chance(rng, 0.001, count),
            "_fivetran_synced": timestamps(synced(rng, updated)),
        },
    )
    line_at = sales.at[sales.line_document]
    goods = catalogue()
    title = take(goods.title, sales.product)
    sku_known = ~chance(rng, 0.004, len(line_at))
    variant = variants_bought(rng, pop, sales)
    lines = table_of(
        "shopify.order_line",
        {
            "id": pop.block.ids(len(line_at), KINDS["line"], window.day),
            "order_id": sales.ids[sales.line_document],
            "product_id": goods.product_id[sales.product],
            "variant_id": variant_ids(sales.product, variant),
            "name": title,
            "title": title,
            "variant_title": variant_titles(sales.product, variant),
            "vendor": take(goods.vendor, sales.product),
            "sku": null_where(~sku_known, take(goods.sku, sales.product)),
            "price": money(sales.price),
            "quantity": sales.quantity,
            "total_discount": money(sales.discount),
            "_fivetran_synced": timestamps(line_at + 900),
        },
    )
    tables = {"shopify.order": orders, "shopify.order_line": lines, **refund_tables}
    return Orders(sales, account, cancelled, np.asarray(guest), gross), tables


def variants_bought(rng: Rng, pop: Population, sales: Sales) -> Ints:
    """Number of the variant of each line: mostly the buyer's own size and favourite colour, now and then another's."""
    person = pop.number[sales.who[sales.line_document]]
    count = len(person)
    size = np.where(chance(rng, 0.12, count), rng.integers(0, SIZES, count), person // 3 % SIZES)
    colour = np.where(chance(rng, 0.35, count), rng.integers(0, len(COLOURS), count), person // 7 % len(COLOURS))
    return size * len(COLOURS) + colour


def _refunds(rng: Rng, pop: Population, sales: Sales, cancelled: Mask, window: Window) -> tuple[Tables, Ints]:
    """Refund tables, and for each order 0 (none), 1 (partly refunded) or 2 (wholly)."""
    count = len(sales.who)
    has = (
        (chance(rng, 0.065, count) & ~cancelled & (sales.at < window.end - DAY))
        if not window.day
        else np.zeros(count, dtype=bool)
    )
    whole = has & chance(rng, 0.4, count)
    documents = np.flatnonzero(has)
    at = np.minimum(sales.at[documents] + rng.integers(DAY, 25 * DAY, len(documents)), window.end - 120)
    refund_id = pop.block.ids(len(documents), KINDS["refund"], window.day)
    refund_of = np.full(count, -1, dtype=np.int64)
    refund_of[documents] = np.arange(len(documents))
    first_line = (
        np.concatenate(([True], sales.line_document[1:] != sales.line_document[:-1]))
        if len(sales.line_document)
        else np.zeros(0, dtype=bool)
    )
    lines = np.flatnonzero(line_mask(sales, whole) | (line_mask(sales, has) & first_line))
    document = sales.line_document[lines]
    quantity = np.where(whole[document], sales.quantity[lines], np.maximum(1, sales.quantity[lines] - 1))
    subtotal = sales.line_total[lines] * quantity // sales.quantity[lines]
    complete = np.bincount(document, weights=subtotal, minlength=count).round().astype(np.int64) == sales.per_document(
        sales.line_total
    )
    line_ids = pop.block.ids(len(sales.line_document), KINDS["line"], window.day)
    refunds = {
        "id": refund_id,
        "order_id": sales.ids[documents],
        "created_at": timestamps(at),
        "processed_at": timestamps(at),
        "note": null_where(
            chance(rng, 0.6, len(at)),
            text_of(["too small", "damaged", "changed my mind", "late delivery"], rng, len(at)),
        ),
        "_fivetran_synced": timestamps(synced(rng, at)),
    }
    refund_lines = {
        "id": pop.block.ids(len(lines), KINDS["line_refund"], window.day),
        "refund_id": refund_id[refund_of[document]],
        "order_line_id": line_ids[lines],
        "quantity": quantity,
        "subtotal": money(subtotal),
        "total_tax": money(sales.tax(subtotal, sales.country[document])),
        "restock_type": text_of(["return", "no_restock"], rng, len(lines), [8, 2]),
        "_fivetran_synced": timestamps(at[refund_of[document]] + 1_200),
    }
    fee = np.flatnonzero(chance(rng, 0.12, len(documents)))
    amount = -rng.integers(1, 10, len(fee)) * 50
    adjustments = {
        "id": pop.block.ids(len(fee), KINDS["adjustment"], window.day),
        "order_id": sales.ids[documents[fee]],
        "refund_id": refund_id[fee],
        "amount": money(amount),
        "tax_amount": money(np.zeros(len(fee), dtype=np.int64)),
        "kind": text_of(["refund_discrepancy", "shipping_refund"], rng, len(fee), [6, 4]),
        "reason": text_of(["Refund discrepancy", "Shipping refund"], rng, len(fee)),
        "_fivetran_synced": timestamps(at[fee] + 1_300),
    }
    tables = {
        "shopify.refund": table_of("shopify.refund", refunds),
        "shopify.order_line_refund": table_of("shopify.order_line_refund", refund_lines),
        "shopify.order_adjustment": table_of("shopify.order_adjustment", adjustments),
    }
    return tables, np.where(has, np.where(complete, 2, 1), 0)


def customer_tables(
    rng: Rng, pop: Population, members: Membership, orders: Orders | None, window: Window
) -> tuple[Tables, Written]:
    """Customers and their addresses; order counts and totals are those of the order table."""
    shop = members.shop
    count = len(shop)
    written = write_down(rng, pop, shop.who, shop.created, shop.updated, CUSTOMER)
    number_of, spent = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    if orders is not None:
        rows = np.flatnonzero((orders.account >= 0) & ~orders.cancelled)
        number_of = np.bincount(orders.account[rows], minlength=count)
        spent = np.bincount(orders.account[rows], weights=orders.total[rows], minlength=count).round().astype(np.int64)
    accepts = chance(rng, np.clip(pop.opt_in[shop.who] * 1.1, 0, 0.95), count)
    changed = np.where(chance(rng, 0.2, count), shop.updated, shop.created)
    address_id = pop.block.ids(count, KINDS["address"])
    sync = synced(rng, shop.updated)
    customers = table_of(
        "shopify.customer",
        {
            "id": shop.number,
            "first_name": written.given,
            "last_name": written.family,
            "email": written.email,
            "phone": written.phone,
            "state": take(
                text(["enabled", "disabled", "invited", "declined"]), pick(rng, [0.6, 0.3, 0.08, 0.02], count)
            ),
            "orders_count": number_of,
            "total_spent": money(spent),
            "currency": currencies(pop.country[shop.who]),
            "created_at": timestamps(shop.created),
            "updated_at": timestamps(shop.updated),
            "accepts_marketing": accepts,
            "accepts_marketing_updated_at": timestamps(np.where(chance(rng, 0.15, count), -1, changed)),
            "marketing_opt_in_level": null_where(
                ~accepts, text_of(["single_opt_in", "confirmed_opt_in"], rng, count, [7, 3])
            ),
            "verified_email": chance(rng, 0.82, count),
            "default_address_id": pa.array(address_id, mask=written.no_address),
            "note": null_where(
                chance(rng, 0.97, count), text_of(["VIP", "call before delivery", "prefers e-mail"], rng, count)
            ),
            "_fivetran_deleted": chance(rng, 0.008, count),
            "_fivetran_synced": timestamps(sync),
        },
    )
    kept = np.flatnonzero(~members.shop_lost)
    customers = older_versions(
        rng, customers.take(pa.array(kept)), 0.015, "created_at", "updated_at", "_fivetran_synced", ("phone",)
    )
    addresses = _addresses(rng, pop, members, written, address_id, sync)
    return {"shopify.customer": customers, "shopify.customer_address": addresses}, written


def _addresses(
    rng: Rng, pop: Population, members: Membership, written: Written, address_id: Ints, sync: Ints
) -> pa.Table:
    """The default address of each customer and, for some, another one (mostly where they lived before)."""
    shop = members.shop
    rows = np.flatnonzero(~written.no_address & ~members.shop_lost)
    more = rows[chance(rng, 0.12, len(rows))]
    older = write_down(
        rng,
        pop,
        shop.who[more],
        np.zeros(len(more), dtype=np.int64),
        np.zeros(len(more), dtype=np.int64),
        Style(no_address=0.0, junk=0.0),
    )
    at = np.concatenate([rows, more])

    def both(name: str) -> Text:
        return pa.concat_arrays([pc.take(getattr(written, name), pa.array(rows)), getattr(older, name)])

    country = np.concatenate([written.country[rows], older.country])
    table = table_of(
        "shopify.customer_address",
        {
            "id": np.concatenate([address_id[rows], pop.block.ids(len(more), KINDS["variant"])]),
            "customer_id": shop.number[at],
            "is_default": np.arange(len(at)) < len(rows),
            "first_name": both("given"),
            "last_name": both("family"),
            "company": null_where(chance(rng, 0.6, len(at)), take(pop.companies.name, pop.company[shop.who[at]])),
            "address_1": both("street"),
            "city": both("city"),
            "province": both("region"),
            "province_code": both("region_code"),
            "zip": both("postcode"),
            "country": take(text([c.names[0] for c in COUNTRIES]), country),
            "country_code": country_codes(country),
            "phone": null_where(chance(rng, 0.5, len(at)), both("phone")),
            "_fivetran_synced": timestamps(sync[at]),
        },
    )
    return table.take(pa.array(rng.permutation(len(at))))


def abandoned_checkouts(rng: Rng, pop: Population, members: Membership, window: Window) -> Tables:
    """Carts that people left: some of known customers, some with no more than an e-mail address."""
    days = (window.end - window.start) / DAY
    start = np.maximum(pop.joined, window.start)
    rate = (
        np.where(members.web, 0.22, 0.0) * pop.activity * (window.end - start) / DAY / 910
        if days > 2
        else np.where(members.web, 0.22 / 910, 0.0)
    )
    who = np.repeat(np.arange(pop.count), rng.poisson(np.maximum(rate, 0)))
    at = seasonal_times(rng, start[who], window)
    order = np.argsort(at, kind="stable")
    who, at = who[order], at[order]
    count = len(who)
    account = members.shop.first_of(pop.count)[who]
    known = (account >= 0) & chance(rng, 0.6, count)
    number = members.shop.number[np.maximum(account, 0)] if len(members.shop) else np.zeros(count, dtype=np.int64)
    done = chance(rng, 0.2, count)
    later = np.minimum(at + rng.integers(600, 3 * DAY, count), window.end - 60)
    written = write_down(rng, pop, who, at, at, GUEST)
    factor = np.array([c.price_factor for c in COUNTRIES])[pop.country[who]]
    return {
        "shopify.abandoned_checkout": table_of(
            "shopify.abandoned_checkout",
            {
                "id": pop.block.ids(count, KINDS["checkout"], window.day),
                "customer_id": pa.array(number, mask=~known),
                "email": where(known, pop.email.take(who), written.email),
                "phone": null_where(chance(rng, 0.7, count), written.phone),
                "currency": currencies(pop.country[who]),
                "total_price": money(np.round(rng.gamma(2.0, 2_600, count) * factor).astype(np.int64) + 490),
                "created_at": timestamps(at),
                "updated_at": timestamps(later),
                "completed_at": timestamps(np.where(done, later, -1)),
                "closed_at": timestamps(np.where(done, later, -1)),
                "buyer_accepts_marketing": pop.opt_in[who] > 0.6,
                "_fivetran_deleted": np.zeros(count, dtype=bool),
                "_fivetran_synced": timestamps(synced(rng, later)),
            },
        )
    }
