"""What is sold: about 300 products in twelve categories, and the shops that sell them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from python_udfs.demo import places
from python_udfs.demo.arrays import (
    DAY,
    Floats,
    Ints,
    Mask,
    Text,
    constant,
    dates,
    digits,
    join,
    money,
    null_where,
    take,
    text,
    timestamps,
)
from python_udfs.demo.contact import draw_addresses
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.identity import country_codes
from python_udfs.demo.population import Window
from python_udfs.demo.writer import Columns

CATEGORIES: dict[str, tuple[str, int, int]] = {  # what is in it, lowest and highest price in cents
    "Coffee & Tea": (
        "Espresso Beans|Green Tea|Filter Coffee|Chai Mix|Teapot|French Press|Milk Frother|Herbal Tea",
        490,
        8_900,
    ),
    "Kitchen": (
        "Chef's Knife|Cutting Board|Saucepan|Mixing Bowl|Apron|Baking Tray|Spice Rack|Kitchen Scale",
        690,
        15_900,
    ),
    "Garden": (
        "Watering Can|Plant Pot|Pruning Shears|Seed Box|Garden Gloves|Bird Feeder|Compost Bin|Hose",
        590,
        12_900,
    ),
    "Sports": (
        "Yoga Mat|Dumbbell|Jump Rope|Water Bottle|Running Belt|Football|Tennis Racket|Resistance Band",
        790,
        18_900,
    ),
    "Outdoor": ("Tent|Sleeping Bag|Camping Stove|Backpack|Head Torch|Hiking Poles|Thermos|Compass", 990, 29_900),
    "Books": ("Cookbook|Novel|Travel Guide|Biography|Picture Book|Crime Story|Garden Guide|Poems", 690, 4_900),
    "Toys": ("Puzzle|Building Blocks|Board Game|Teddy|Toy Train|Kite|Card Game|Doll's House", 690, 11_900),
    "Beauty": ("Face Cream|Shampoo|Soap|Body Oil|Hand Cream|Perfume|Lip Balm|Hair Brush", 390, 8_900),
    "Clothing": ("T-Shirt|Sweater|Jeans|Rain Jacket|Scarf|Socks|Dress|Cap", 990, 19_900),
    "Shoes": ("Sneakers|Boots|Sandals|Slippers|Running Shoes|Loafers|Wellingtons|Ballerinas", 2_490, 17_900),
    "Home": ("Cushion|Blanket|Candle|Vase|Lamp|Picture Frame|Rug|Mirror", 790, 24_900),
    "Pets": ("Dog Bed|Cat Tree|Leash|Dry Food|Chew Toy|Bird Cage|Aquarium Plant|Brush", 490, 13_900),
}
# Colours, and the sizes of the two categories that come in sizes; as many in either.
COLOURS = ("Black", "Blue", "Red", "White")
SIZES_OF = {"Clothing": ("XS", "S", "M", "L", "XL"), "Shoes": ("37", "39", "41", "43", "45")}
SIZES = 5
_MARKS = ("Classic", "Fresh", "Nordic", "Mini", "Deluxe", "Eco", "Studio", "Everyday")
_VENDORS = ("Alder & Finch", "Blauberg", "Casa Lume", "Dune Works", "Everholm", "Fjordline", "Grove Street", "Hazel")
PER_CATEGORY = 25
STORES = 60


@dataclass(frozen=True)
class Catalogue:
    """Products, sorted by category and then by price in cents (euro)."""

    title: Text
    category: Text
    category_of: Ints
    vendor: Text
    sku: Text
    price: Ints
    product_id: Ints
    popularity: Floats


@functools.cache
def catalogue() -> Catalogue:
    """The same products for every seed."""
    rng = np.random.default_rng(4_711)
    titles: list[str] = []
    prices: list[int] = []
    category_of: list[int] = []
    for number, (things, low, high) in enumerate(CATEGORIES.values()):
        nouns = things.split("|")
        made = [f"{mark} {noun}" for mark in _MARKS for noun in nouns]
        chosen = [made[i] for i in rng.permutation(len(made))[:PER_CATEGORY].tolist()]
        cents = np.sort(np.exp(rng.uniform(np.log(low), np.log(high), PER_CATEGORY)) // 100 * 100 + 90).astype(int)
        titles += chosen
        prices += np.maximum(cents, low).tolist()
        category_of += [number] * PER_CATEGORY
    count = len(titles)
    return Catalogue(
        title=text(titles),
        category=text([list(CATEGORIES)[c] for c in category_of]),
        category_of=np.array(category_of, dtype=np.int64),
        vendor=take(text(_VENDORS), rng.integers(0, len(_VENDORS), count)),
        sku=join("KD-", digits(np.arange(count) + 1_000, 4)),
        price=np.array(prices, dtype=np.int64),
        product_id=np.arange(count, dtype=np.int64) * 37 + 7_000_000_000_001,
        popularity=1 / (rng.permutation(count) + 8.0),
    )


def store_countries() -> Ints:
    """Country of each store; every country has at least two."""
    rng = np.random.default_rng(815)
    weights = np.cumsum([c.weight for c in COUNTRIES])
    more = np.searchsorted(weights, rng.random(STORES - 2 * len(COUNTRIES)) * weights[-1])
    return np.sort(np.concatenate([np.repeat(np.arange(len(COUNTRIES)), 2), more])).astype(np.int64)


def store_ids() -> Text:
    """Ids of the stores."""
    return join("S", digits(np.arange(STORES, dtype=np.int64) + 1, 3))


def store_table(window: Window) -> Columns:
    """Rows of pos.store."""
    rng = np.random.default_rng(816)
    country = store_countries()
    at = draw_addresses(rng, country, flat=np.zeros(STORES, dtype=bool))
    towns = places.places()
    loaded = np.full(STORES, window.start + DAY)
    return {
        "store_id": store_ids(),
        "name": join("Kindred Store", take(towns.city, at.place), separator=" "),
        "street": at.line,
        "city": take(towns.city, at.place),
        "postal_code": take(towns.postcode, at.postcode),
        "country": country_codes(country),
        "latitude": np.round(np.array([c.latitude for c in COUNTRIES])[country] + rng.normal(0, 0.8, STORES), 5),
        "longitude": np.round(np.array([c.longitude for c in COUNTRIES])[country] + rng.normal(0, 1.0, STORES), 5),
        "opened_on": dates(window.start // DAY - rng.integers(200, 9_000, STORES)),
        "loaded_at": timestamps(loaded),
    }


def has_sizes(product: Ints) -> Mask:
    """Whether products come in sizes and colours; the others have a single variant."""
    kinds: Mask = np.isin(catalogue().category_of[product], [list(CATEGORIES).index(name) for name in SIZES_OF])
    return kinds


def variant_ids(product: Ints, variant: Ints) -> Ints:
    """Ids of variants; the number of the variant counts for products in sizes only."""
    ids: Ints = catalogue().product_id[product] + 900_000_000_000 + np.where(has_sizes(product), variant, 0) * 1_000_000
    return ids


def variant_titles(product: Ints, variant: Ints) -> Text:
    """Size and colour, as the shop writes them; null for a product without."""
    sizes = text([size for of_category in SIZES_OF.values() for size in of_category])
    shoes = catalogue().category_of[product] == list(CATEGORIES).index("Shoes")
    size = take(sizes, variant // len(COLOURS) + np.where(shoes, SIZES, 0))
    both = join(size, take(text(list(COLOURS)), variant % len(COLOURS)), separator=" / ")
    titles: Text = null_where(~has_sizes(product), both)
    return titles


def product_tables(window: Window) -> dict[str, Columns]:
    """Rows of shopify.product, of its variants and options, and of inventory_item; what one product in twelve costs is not known."""
    goods = catalogue()
    count = len(goods.price)
    created = window.start - (np.arange(count) % 300 + 1) * DAY
    sized = np.flatnonzero(has_sizes(np.arange(count)))
    single = np.setdiff1d(np.arange(count), sized)
    product = np.concatenate([single, np.repeat(sized, SIZES * len(COLOURS))])
    variant = np.concatenate(
        [np.zeros(len(single), dtype=np.int64), np.tile(np.arange(SIZES * len(COLOURS)), len(sized))]
    )
    synced = timestamps(created[product] + 41 * DAY)
    ids = variant_ids(product, variant)
    title = variant_titles(product, variant)
    option = np.repeat(sized, 2)
    position = np.tile(np.array([1, 2]), len(sized))
    return {
        "shopify.product": _products(goods, created),
        "shopify.product_variant": {
            "id": ids,
            "product_id": goods.product_id[product],
            "inventory_item_id": ids + 30_000_000_000_000,
            "sku": take(goods.sku, product),
            "title": pc.coalesce(title, constant("Default Title", len(product))),
            "updated_at": synced,
            "_fivetran_synced": synced,
        },
        "shopify.product_option": {
            "id": goods.product_id[option] + position * 1_000_000_000,
            "product_id": goods.product_id[option],
            "name": take(text(["Size", "Color"]), position - 1),
            "position": position,
            "_fivetran_synced": timestamps(created[option] + 41 * DAY),
        },
        "shopify.inventory_item": {
            "id": ids + 30_000_000_000_000,
            "sku": take(goods.sku, product),
            "unit_cost_amount": money(goods.price[product] * (30 + product * 7 % 30) // 100, product % 12 == 7),
            "unit_cost_currency_code": constant("EUR", len(product)),
            "updated_at": synced,
            "_fivetran_synced": synced,
        },
    }


def _products(goods: Catalogue, created: Ints) -> Columns:
    count = len(goods.price)
    return {
        "id": goods.product_id,
        "title": goods.title,
        "handle": join("p", goods.sku, separator="-"),
        "product_type": goods.category,
        "vendor": goods.vendor,
        "created_at": timestamps(created),
        "updated_at": timestamps(created + 40 * DAY),
        "_fivetran_deleted": np.arange(count) % 97 == 96,
        "_fivetran_synced": timestamps(created + 41 * DAY),
    }
