"""Pools of names, read once from faker's provider classes.

No faker generator is ever called: rows are drawn by index from these pools. Every pool carries the
text in the country's own script and its transliteration to ASCII.
"""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from anyascii import anyascii

from python_udfs.demo.arrays import Floats, Ints, Text, text
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.nicknames import nicknames

CYRILLIC_OR_GREEK = ("UA", "BG", "GR")


def provider(kind: str, locale: str) -> Any:
    """Faker's provider class of a kind (person, address, ...) for a locale."""
    return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider


def _weighted(values: Any, rng: np.random.Generator) -> dict[str, float]:
    """Names with weights; where faker gives none, a Zipf curve over a fixed random order."""
    if isinstance(values, dict):
        total = sum(values.values())
        return {name: weight / total for name, weight in values.items()}
    names = list(dict.fromkeys(values))
    order = rng.permutation(len(names))
    weights = 1.0 / (order + 12.0) ** 0.85
    return dict(zip(names, (weights / weights.sum()).tolist(), strict=True))


def _merged(parts: list[dict[str, float]]) -> dict[str, float]:
    """The first pool with weight 0.75 and the others with what is left."""
    merged: dict[str, float] = {}
    for number, part in enumerate(parts):
        share = 1.0 if len(parts) == 1 else (0.75 if number == 0 else 0.25 / (len(parts) - 1))
        for name, weight in part.items():
            merged[name] = merged.get(name, 0.0) + share * weight
    return merged


def _feminine(name: str, country: str) -> str:
    """The form of a family name that a woman carries, where the language has one."""
    rules: dict[str, tuple[tuple[str, str], ...]] = {
        "PL": (("ski", "ska"), ("cki", "cka"), ("dzki", "dzka")),
        "UA": (("ський", "ська"), ("цький", "цька"), ("ий", "а")),
        "BG": (("ов", "ова"), ("ев", "ева"), ("ски", "ска")),
        "GR": (("άκης", "άκη"), ("ης", "η"), ("ής", "ή"), ("ας", "α"), ("άς", "ά"), ("ος", "ου"), ("ός", "ού")),
    }
    for masculine, feminine in rules.get(country, ()):
        if name.endswith(masculine):
            return name[: -len(masculine)] + feminine
    return name


@dataclass(frozen=True)
class NamePools:
    """Given and family names of all countries in one array each; slices by country (and gender)."""

    given: Text
    given_ascii: Text
    nick: tuple[Text, Text]  # two short forms, null where there is none
    nick_ascii: tuple[Text, Text]
    given_slices: dict[tuple[int, int], tuple[int, Floats]]  # (country, female) -> first index, cumulative weights
    family: tuple[Text, Text]  # masculine, feminine form at the same index
    family_ascii: tuple[Text, Text]
    family_slices: dict[int, tuple[int, Floats]]

    def draw_given(self, rng: np.random.Generator, country: Ints, female: Any) -> Ints:
        """Index of a given name for each row."""
        out = np.zeros(len(country), dtype=np.int64)
        spin = rng.random(len(country))
        for (code, gender), (start, edges) in self.given_slices.items():
            rows = np.flatnonzero((country == code) & (female == bool(gender)))
            out[rows] = start + np.searchsorted(edges, spin[rows] * edges[-1], side="right")
        return out

    def draw_family(self, rng: np.random.Generator, country: Ints) -> Ints:
        """Index of a family name for each row."""
        out = np.zeros(len(country), dtype=np.int64)
        spin = rng.random(len(country))
        for code, (start, edges) in self.family_slices.items():
            rows = np.flatnonzero(country == code)
            out[rows] = start + np.searchsorted(edges, spin[rows] * edges[-1], side="right")
        return out


def ascii_of(values: list[str | None]) -> Text:
    """Latin spellings of the values; nulls stay null."""
    return text([None if value is None else anyascii(value) for value in values])


@functools.cache
def name_pools() -> NamePools:
    """Read the name pools of all countries (a few hundred thousand characters, once a process)."""
    rng = np.random.default_rng(20_240_229)
    short = nicknames()
    given: list[str] = []
    masculine: list[str] = []
    feminine: list[str] = []
    given_slices: dict[tuple[int, int], tuple[int, Floats]] = {}
    family_slices: dict[int, tuple[int, Floats]] = {}
    for code, country in enumerate(COUNTRIES):
        providers = [provider("person", locale) for locale in country.locales]
        for gender, attribute in ((0, "first_names_male"), (1, "first_names_female")):
            pool = _merged([_weighted(getattr(provider, attribute), rng) for provider in providers])
            # the names people know by a short form are the common ones
            pool = {name: weight * (6.0 if name in short else 1.0) for name, weight in pool.items()}
            given_slices[code, gender] = (len(given), np.cumsum(list(pool.values())))
            given += pool
        if country.code == "PL":
            lasts = [_weighted((*providers[0].male_last_names, *providers[0].unisex_last_names), rng)]
        elif country.code in ("GR", "UA", "BG"):
            lasts = [_weighted(providers[0].last_names_male, rng)]
        else:
            lasts = [_weighted(provider.last_names, rng) for provider in providers]
        family = _merged(lasts)
        family_slices[code] = (len(masculine), np.cumsum(list(family.values())))
        masculine += family
        feminine += [_feminine(name, country.code) for name in family]
    nick1: list[str | None] = [short.get(name, (None,))[0] for name in given]
    nick2: list[str | None] = [short[name][-1] if name in short else None for name in given]
    return NamePools(
        given=text(given),
        given_ascii=ascii_of([*given]),
        nick=(text(nick1), text(nick2)),
        nick_ascii=(ascii_of(nick1), ascii_of(nick2)),
        given_slices=given_slices,
        family=(text(masculine), text(feminine)),
        family_ascii=(ascii_of([*masculine]), ascii_of([*feminine])),
        family_slices=family_slices,
    )
