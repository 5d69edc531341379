"""Countries as ISO 3166-1 alpha-2, from codes and from names in many languages (CLDR territory names, by Babel)."""

from __future__ import annotations

import re
import unicodedata
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
# What CLDR does not list: parts of countries people give as their country, short and old forms, and names of ISO 3166.
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
    "hong kong": "HK", "hong kong sar": "HK", "macau": "MO", "macao": "MO", "macao sar": "MO", "bosnia": "BA", "congo drc": "CD",
    "united kingdom of great britain and northern ireland": "GB", "korea republic of": "KR", "korea south": "KR",
    "korea democratic people s republic of": "KP", "democratic people s republic of korea": "KP", "korea north": "KP",
    "taiwan province of china": "TW", "taiwan republic of china": "TW", "iran islamic republic of": "IR", "islamic republic of iran": "IR",
    "moldova republic of": "MD", "republic of moldova": "MD", "tanzania united republic of": "TZ", "united republic of tanzania": "TZ",
    "venezuela bolivarian republic of": "VE", "bolivia plurinational state of": "BO", "lao people s democratic republic": "LA",
    "syrian arab republic": "SY", "macedonia the former yugoslav republic of": "MK", "republic of north macedonia": "MK",
    "palestine state of": "PS", "state of palestine": "PS", "palestine": "PS", "palestinian territory occupied": "PS",
    "virgin islands u s": "VI", "us virgin islands": "VI", "virgin islands british": "VG", "holy see": "VA",
    "holy see vatican city state": "VA",
    "brunei darussalam": "BN", "cabo verde": "CV", "micronesia federated states of": "FM", "congo the democratic republic of the": "CD",
    "congo democratic republic of the": "CD", "democratic republic of the congo": "CD", "republic of the congo": "CG",
    "falkland islands malvinas": "FK", "saint martin french part": "MF", "sint maarten dutch part": "SX", "pitcairn": "PN",
    "saint helena ascension and tristan da cunha": "SH", "bonaire sint eustatius and saba": "BQ", "cocos keeling islands": "CC",
    "heard island and mcdonald islands": "HM", "south georgia and the south sandwich islands": "GS", "libyan arab jamahiriya": "LY",
    "the bahamas": "BS", "bahamas the": "BS", "the gambia": "GM", "gambia the": "GM", "the philippines": "PH",
}  # fmt: skip
_PARTS = re.compile(r"[()/|]| - ")
_PUNCTUATION = re.compile(r"[\s.,;:_\-/()'’]+")


def _plain(name: str) -> str:
    return _PUNCTUATION.sub(" ", name.casefold().replace("&", " and ")).strip()


def _unaccented(name: str) -> str:
    """Without accents, as forms and old systems keep a name: cote d ivoire, espana."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


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
                if language == "de":
                    names.setdefault(_plain(name).translate(_UMLAUTS), code)
    for name, code in list(names.items()):
        names.setdefault(_unaccented(name), code)
        if name.startswith("st "):
            names.setdefault(f"saint {_unaccented(name)[3:]}", code)
    return names


def normalize_country(value: str, junk: Junk) -> tuple[str | None, str | None]:
    """(ISO alpha-2, None) or (None, 'junk' | 'unknown country')."""
    text = clean(value)
    if not text or text.lower() in junk["country"]:
        return None, "junk"
    names = country_names()
    # "Germany (DE)", "DE - Germany": any part that names a country does, if the parts do not contradict each other.
    whole = _plain(text)
    if whole in names:
        return names[whole], None
    countries = {names[_plain(part)] for part in _PARTS.split(text) if _plain(part) in names}
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
