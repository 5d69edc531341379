"""Countries as ISO 3166-1 alpha-2, from codes and from names in many languages (CLDR territory names, by Babel)."""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa
from babel import Locale
from babel.core import get_global

from python_udfs.normalize.batches import Junk
from python_udfs.normalize.text import clean

SCHEMA = pa.schema([("raw_value", pa.string()), ("country", pa.string()), ("reason", pa.string())])

# English first: where one word names different countries in two languages, the earlier language wins.
LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "pl",
    "cs",
    "sk",
    "hu",
    "ro",
    "bg",
    "hr",
    "sr",
    "sl",
    "uk",
    "ru",
    "el",
    "tr",
    "et",
    "lv",
    "lt",
    "is",
    "ga",
    "mt",
    "ca",
    "eu",
    "gl",
    "sq",
    "mk",
    "ja",
    "zh",
    "zh_Hant",
    "ko",
    "ar",
    "he",
    "fa",
    "hi",
    "bn",
    "ta",
    "te",
    "th",
    "vi",
    "id",
    "ms",
    "sw",
    "af",
    "am",
    "ka",
    "hy",
    "az",
    "kk",
    "uz",
    "ur",
]
# What CLDR does not list: parts of countries people give as their country, short and old forms.
ALSO = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "great britain": "GB",
    "britain": "GB", "holland": "NL", "the netherlands": "NL", "america": "US", "united states of america": "US",
    "u s": "US", "u s a": "US", "the united states": "US", "usa": "US", "deutschland": "DE", "brd": "DE",
    "czech republic": "CZ", "south korea": "KR", "republic of korea": "KR", "korea": "KR", "russian federation": "RU",
    "uae": "AE", "eire": "IE", "viet nam": "VN", "turkey": "TR", "swaziland": "SZ",
    "macedonia": "MK", "ivory coast": "CI", "cape verde": "CV", "burma": "MM", "schweiz suisse svizzera": "CH",
    "bundesrepublik deutschland": "DE", "federal republic of germany": "DE", "république française": "FR",
    "french republic": "FR", "repubblica italiana": "IT", "reino de españa": "ES", "republik österreich": "AT",
    "people s republic of china": "CN", "prc": "CN", "republic of ireland": "IE", "ksa": "SA", "rsa": "ZA",
}  # fmt: skip
_PARTS = re.compile(r"[()/|]| - ")
_PUNCTUATION = re.compile(r"[\s.,;:_\-/()'’]+")


def _plain(name: str) -> str:
    return _PUNCTUATION.sub(" ", name.casefold()).strip()


@cache
def country_names() -> dict[str, str]:
    """Simplified name or code -> ISO alpha-2, for every territory that is a country or has a code of its own."""
    names: dict[str, str] = {}
    territories = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}
    territories -= {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
    for alias, targets in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(targets) == 1 and targets[0] in territories:
            names[alias.lower()] = targets[0]
    names.update({code.lower(): code for code in territories})
    names.update(ALSO)
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in territories:
                names.setdefault(_plain(name), code)
    return names


def normalize_country(value: str, junk: Junk) -> tuple[str | None, str | None]:
    """(ISO alpha-2, None) or (None, 'junk' | 'unknown country')."""
    text = clean(value)
    if not text or text.lower() in junk["country"]:
        return None, "junk"
    names = country_names()
    # "Germany (DE)", "DE - Germany": any part that names a country does, if the parts do not contradict each other.
    countries = {names[_plain(part)] for part in (text, *_PARTS.split(text)) if _plain(part) in names}
    return (countries.pop(), None) if len(countries) == 1 else (None, "unknown country")


def normalize_country_batch(batch: pa.RecordBatch, junk: Junk) -> pa.RecordBatch:
    """Column raw_value (text, not null) -> SCHEMA, same number and order of rows."""
    values = batch.column("raw_value")
    results = [normalize_country(value, junk) for value in values.to_pylist()]
    columns = [
        pa.array(values, pa.string()),
        pa.array([country for country, _ in results], pa.string()),
        pa.array([reason for _, reason in results], pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
