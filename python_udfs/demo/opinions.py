"""Reviews of products and comments on social networks; few of them say who wrote them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from python_udfs.demo.accounts import KINDS, Membership, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Rng,
    Text,
    chance,
    constant,
    digits,
    join,
    null_where,
    pick,
    take,
    timestamps,
    to_text,
    where,
)
from python_udfs.demo.catalogue import PER_CATEGORY, catalogue
from python_udfs.demo.population import Population, Window
from python_udfs.demo.purchases import Buying, per_window
from python_udfs.demo.writer import table_of

Tables = dict[str, pa.Table]
_PRAISE = ("exactly as described", "would buy it again", "a present that was loved", "better than I thought")
_BLAME = ("came apart after a week", "smaller than it looks", "not worth the money", "the colour is another one")
_MENTIONS = ("anyone else waiting for a parcel?", "look what I found!", "their shop in town is lovely", "never again")


def opinions(rng: Rng, pop: Population, members: Membership, habits: Buying, window: Window) -> Tables:
    """Reviews of the window, some by customers who are logged in, some with an address, and comments with no more than a handle."""
    return {
        "reviews.review": _reviews(rng, pop, members, habits, window),
        "reviews.social_comment": _comments(rng, pop, window),
    }


def _reviews(rng: Rng, pop: Population, members: Membership, habits: Buying, window: Window) -> pa.Table:
    who, at = per_window(rng, pop, window, 0.2 * pop.activity, pop.joined)
    count = len(who)
    goods = catalogue()
    product = habits.favourite[who] * PER_CATEGORY + rng.integers(0, PER_CATEGORY, count)
    account = members.shop.first_of(pop.count)[who]
    logged_in = (account >= 0) & chance(rng, 0.5, count)
    happy = np.clip(rng.normal(0.65, 0.28, count), 0, 1)
    # Old reviews were moved here from a tool that rated up to ten.
    top = np.where(chance(rng, 0.2, count), 10, 5)
    changed = np.where(chance(rng, 0.1, count), at + rng.integers(600, 5 * DAY, count), at)
    return table_of(
        "reviews.review",
        {
            "review_id": _ids(pop, count, "review", window.day),
            "product_id": to_text(goods.product_id[product]),
            "sku": take(goods.sku, product),
            "email": null_where(logged_in | chance(rng, 0.4, count), pop.email.take(who)),
            "user_id": take(to_text(members.shop.number), np.where(logged_in, account, -1)),
            "author_name": null_where(
                chance(rng, 0.3, count), text_of(["Kim", "A.", "happy buyer", "Mrs. Fox"], rng, count)
            ),
            "rating": 1 + np.round(happy * (top - 1)).astype(np.int64),
            "rating_max": top,
            "title": null_where(chance(rng, 0.5, count), take(goods.title, product)),
            "text": where(happy > 0.6, text_of(list(_PRAISE), rng, count), text_of(list(_BLAME), rng, count)),
            "is_verified": logged_in,
            "status": text_of(["published", "pending", "spam"], rng, count, [94, 4, 2]),
            "created_at": timestamps(at),
            "updated_at": timestamps(np.minimum(changed, window.end - 30)),
            "loaded_at": timestamps(np.full(count, window.end)),
        },
    )


def _comments(rng: Rng, pop: Population, window: Window) -> pa.Table:
    who, at = per_window(rng, pop, window, 0.08 * pop.activity, pop.joined)
    count = len(who)
    return table_of(
        "reviews.social_comment",
        {
            "comment_id": _ids(pop, count, "comment", window.day),
            "network": text_of(["Instagram", "Facebook", "Mastodon"], rng, count, [6, 3, 1]),
            "handle": join(constant("@user", count), digits(pick(rng, [1.0] * 900, count) + 100, 3)),
            "email": null_where(~chance(rng, 0.08, count), pop.email.take(who)),
            "text": text_of(list(_MENTIONS), rng, count),
            "sentiment": null_where(
                chance(rng, 0.4, count), text_of(["positive", "neutral", "negative"], rng, count, [4, 4, 2])
            ),
            "created_at": timestamps(at),
            "loaded_at": timestamps(np.full(count, window.end)),
        },
    )


def _ids(pop: Population, count: int, kind: str, day: int) -> Text:
    numbers: Ints = pop.block.ids(count, KINDS[kind], day) % 10**14
    return join("RV" if kind == "review" else "SC", digits(numbers, 14))
