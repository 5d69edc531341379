"""The tills: loyalty members, receipts with lines, and returns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from python_udfs.demo.accounts import Membership, card_numbers, older_versions, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Mask,
    Rng,
    Text,
    chance,
    constant,
    dates,
    digits,
    join,
    money,
    null_where,
    ranks,
    take,
    timestamps,
    where,
)
from python_udfs.demo.catalogue import catalogue, store_countries, store_ids
from python_udfs.demo.identity import Style, country_codes, write_down
from python_udfs.demo.population import Population, Window
from python_udfs.demo.purchases import Sales
from python_udfs.demo.shop import currencies
from python_udfs.demo.writer import table_of

MEMBER = Style(
    native_script=0.9,
    nickname=0.04,
    typo=0.025,
    swapped_names=0.012,
    stale=0.55,
    upper=0.1,
    lower=0.01,
    no_name=0.02,
    no_email=0.25,
    no_phone=0.3,
    no_landline=0.55,
    no_birth=0.12,
    no_address=0.08,
    no_gender=0.1,
    swapped_day=0.012,
    false_birth=0.012,
    emails=(0.72, 0.16, 0.0, 0.12, 0.0),
    phones=(0.1, 0.05, 0.45, 0.25, 0.1, 0.04, 0.01),
)
Tables = dict[str, pa.Table]


def member_ids(members: Membership) -> Text:
    """The tills' ids of the loyalty members."""
    return join("M", digits(members.member.number % 10**14, 14))


def home_stores(rng: Rng, country: Ints) -> Ints:
    """A store of the same country for each row."""
    stores = store_countries()
    start = np.searchsorted(stores, country)
    size = np.searchsorted(stores, country, side="right") - start
    return (start + (rng.random(len(country)) ** 1.5 * size).astype(np.int64)).astype(np.int64)


def member_table(rng: Rng, pop: Population, members: Membership, window: Window) -> Tables:
    """Loyalty members, typed in at the counter."""
    acc = members.member
    count = len(acc)
    w = write_down(rng, pop, acc.who, acc.created, acc.updated, MEMBER)
    gender = where(pop.female[acc.who], constant("F", count), constant("M", count))
    title = where(pop.female[acc.who], text_of(["Mrs", "Ms"], rng, count), constant("Mr", count))
    table = table_of(
        "pos.member",
        {
            "member_id": member_ids(members),
            "card_number": card_numbers(pop, acc),
            "title": null_where(chance(rng, 0.4, count), title),
            "first_name": w.given,
            "last_name": w.family,
            "birth_date": dates(w.birth_date, w.no_birth),
            "gender": null_where(w.gender.is_null().to_numpy(zero_copy_only=False), gender),
            "email": w.email,
            "mobile": w.phone,
            "landline": w.landline,
            "street": w.street,
            "city": w.city,
            "postal_code": w.postcode,
            "country": null_where(chance(rng, 0.1, count), country_codes(w.country)),
            "store_id": take(store_ids(), home_stores(rng, pop.country[acc.who])),
            "enrolled_at": timestamps(acc.created),
            "updated_at": timestamps(acc.updated),
            "email_opt_in": pa.array(
                chance(rng, np.clip(pop.opt_in[acc.who], 0.02, 0.9), count), mask=chance(rng, 0.1, count)
            ),
            "sms_opt_in": pa.array(chance(rng, pop.opt_in[acc.who] * 0.4, count), mask=chance(rng, 0.2, count)),
            "is_deleted": chance(rng, 0.007, count),
            "loaded_at": timestamps(acc.updated // DAY * DAY + DAY + 3 * 3_600),
        },
    )
    return {"pos.member": older_versions(rng, table, 0.015, "enrolled_at", "updated_at", "loaded_at", ("landline",))}


def receipt_tables(rng: Rng, pop: Population, members: Membership, sales: Sales, window: Window) -> Tables:
    """Receipts and lines; one in twenty purchases is partly or wholly brought back (negative amounts)."""
    count = len(sales.who)
    account = members.member.first_of(pop.count)[sales.who]
    usable = (account >= 0) & (
        members.member.created[np.maximum(account, 0)] <= sales.at + 3_600 if len(members.member) else False
    )
    shown = usable & chance(rng, 0.87, count)
    unknown = ~usable & chance(rng, 0.004, count)  # cards that no member row tells of
    card = where(
        unknown,
        join("298", digits(sales.ids % 10**12, 12)),
        take(card_numbers(pop, members.member), np.where(shown, account, -1)),
    )
    store = home_stores(rng, sales.country)
    returned = (
        chance(rng, 0.05, count) & (sales.at < window.end - DAY) if not window.day else np.zeros(count, dtype=bool)
    )
    back = np.flatnonzero(returned)
    at_back = np.minimum(sales.at[back] + rng.integers(DAY, 20 * DAY, len(back)), window.end - 200)
    seat = ranks(sales.line_document)
    wholly = chance(rng, 0.5, count)
    lines_back = np.flatnonzero(returned[sales.line_document] & ((seat == 0) | wholly[sales.line_document]))
    document_of = np.full(count, -1, dtype=np.int64)
    document_of[back] = np.arange(len(back))
    ids = join("R", digits(sales.ids % 10**14, 14))
    return_ids = join("R", digits(sales.ids[back] % 10**14, 14), "X")

    gross = sales.per_document(sales.line_total)
    less = sales.per_document(sales.discount)
    gross_back = (
        np.bincount(
            document_of[sales.line_document[lines_back]], weights=sales.line_total[lines_back], minlength=len(back)
        )
        .round()
        .astype(np.int64)
    )
    less_back = (
        np.bincount(
            document_of[sales.line_document[lines_back]], weights=sales.discount[lines_back], minlength=len(back)
        )
        .round()
        .astype(np.int64)
    )
    both_at = np.concatenate([sales.at, at_back])
    loaded = both_at // DAY * DAY + DAY + 2 * 3_600
    late = chance(rng, 0.01, len(both_at))
    loaded = np.where(late, loaded + rng.integers(2, 12, len(both_at)) * DAY, loaded)
    origin = np.concatenate([np.arange(count), back])
    receipts = table_of(
        "pos.receipt",
        {
            "receipt_id": pa.concat_arrays([ids, return_ids]),
            "store_id": take(store_ids(), store[origin]),
            "card_number": card.take(pa.array(origin)),
            "sold_at": timestamps(both_at),
            "currency": currencies(sales.currency[origin]),
            "total_amount": money(np.concatenate([gross, -gross_back])),
            "discount_amount": money(np.concatenate([less, -less_back])),
            "tax_amount": money(
                np.concatenate([sales.tax(gross, sales.country), -sales.tax(gross_back, sales.country[back])])
            ),
            "payment_method": text_of(["card", "cash", "mobile", "gift card"], rng, len(origin), [60, 25, 12, 3]),
            "returned_receipt_id": pa.concat_arrays([pa.nulls(count, pa.string()), ids.take(pa.array(back))]),
            "loaded_at": timestamps(loaded),
        },
    )
    goods = catalogue()
    line = np.concatenate([np.arange(len(sales.product)), lines_back])
    is_back = np.arange(len(line)) >= len(sales.product)
    sign = np.where(is_back, -1, 1)
    receipt = np.where(is_back, count + document_of[sales.line_document[line]], sales.line_document[line])
    lines = table_of(
        "pos.receipt_line",
        {
            "receipt_id": receipts["receipt_id"].take(pa.array(receipt)),
            "line_number": seat[line] + 1,
            "sku": take(goods.sku, sales.product[line]),
            "description": take(goods.title, sales.product[line]),
            "category": take(goods.category, sales.product[line]),
            "quantity": sign * sales.quantity[line],
            "unit_price": money(sales.price[line]),
            "discount_amount": money(sign * sales.discount[line]),
            "line_amount": money(sign * sales.line_total[line]),
            "loaded_at": timestamps(loaded[receipt]),
        },
    )
    return {"pos.receipt": _late_last(receipts, late), "pos.receipt_line": lines}


def _late_last(table: pa.Table, late: Mask) -> pa.Table:
    """Late rows come last, as they do in a file that grows."""
    return table.take(pa.array(np.argsort(late, kind="stable")))
