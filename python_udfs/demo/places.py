"""The map of the demo world: towns with their regions, postcodes and streets, from faker's pools.

Town sizes follow Zipf's law. Region, town, postcode and street belong together: an address is a place,
one of the place's streets, and the postcode that this street has.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from python_udfs.demo.arrays import Floats, Ints, Text, text
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.pools import ascii_of, name_pools, provider


@dataclass(frozen=True)
class Places:
    """Towns of all countries in one table; `postcodes` holds each town's codes one after another."""

    city: Text
    city_ascii: Text
    region: Text
    region_ascii: Text
    region_code: Text
    slices: dict[int, tuple[int, Floats]]  # country -> first place, cumulative population weights
    postcode: Text
    postcode_start: Ints
    postcode_count: Ints
    street_count: Ints  # streets of the town
    street: Text
    street_ascii: Text
    street_slices: dict[int, tuple[int, int]]  # country -> first street, number of streets

    def draw(self, rng: np.random.Generator, country: Ints) -> Ints:
        """Index of a place for each row, large towns more often."""
        out = np.zeros(len(country), dtype=np.int64)
        spin = rng.random(len(country))
        for code, (start, edges) in self.slices.items():
            rows = np.flatnonzero(country == code)
            out[rows] = start + np.searchsorted(edges, spin[rows] * edges[-1], side="right")
        return out


_BULGARIA = (
    "София:София-град:1|Пловдив:Пловдив:4|Варна:Варна:9|Бургас:Бургас:8|Русе:Русе:7|"
    "Стара Загора:Стара Загора:6|Плевен:Плевен:5|Сливен:Сливен:8|Добрич:Добрич:9|Шумен:Шумен:9|"
    "Перник:Перник:2|Хасково:Хасково:6|Ямбол:Ямбол:8|Пазарджик:Пазарджик:4|Благоевград:Благоевград:2|"
    "Велико Търново:Велико Търново:5|Враца:Враца:3|Габрово:Габрово:5|Видин:Видин:3|"
    "Асеновград:Пловдив:4|Казанлък:Стара Загора:6|Кърджали:Кърджали:6|Кюстендил:Кюстендил:2|"
    "Монтана:Монтана:3|Димитровград:Хасково:6|Ловеч:Ловеч:5|Силистра:Силистра:7|Разград:Разград:7|"
    "Смолян:Смолян:4|Банско:Благоевград:2"
)


def _towns(code: int, rng: np.random.Generator) -> list[tuple[str, str, str, str]]:
    """(town, region, region code, head of its postcodes) of one country, largest first."""
    country = COUNTRIES[code]
    if country.code == "BG":
        rows = [entry.split(":") for entry in _BULGARIA.split("|")]
        return [(city, region, "", head + str(number // 10 % 10)) for number, (city, region, head) in enumerate(rows)]
    source = provider("address", country.place_locale)
    names = name_pools()
    start, edges = names.family_slices[code]
    lasts = names.family[0].slice(start, len(edges)).to_pylist()

    def some(pool: Any) -> Any:
        pool = list(pool)
        return pool[int(rng.integers(len(pool)))]

    towns: list[tuple[str, str, str, str]] = []
    if country.code == "GB":
        for _ in range(320):
            stem = f"{some(lasts)}{some(source.city_suffixes)}"
            towns.append(
                (
                    f"{some(source.city_prefixes)} {stem}" if rng.random() < 0.3 else stem,
                    some(source.counties),
                    "",
                    some(source.POSTAL_ZONES),
                )
            )
    elif country.code == "US":
        abbreviations = [abbreviation for abbreviation in source.states_abbr if abbreviation != "DC"]
        for _ in range(400):
            at = int(rng.integers(len(source.states)))
            low, high = source.states_postcode[abbreviations[at]]
            stem = f"{some(lasts)}{some(source.city_suffixes)}"
            towns.append(
                (
                    f"{some(source.city_prefixes)} {stem}" if rng.random() < 0.3 else stem,
                    source.states[at],
                    abbreviations[at],
                    f"{int(rng.integers(low // 100, high // 100 + 1)):03d}",
                )
            )
    elif country.code == "DE":
        for number, city in enumerate(rng.permutation(list(source.cities)).tolist()):
            state = some(source.states)
            towns.append((city, state, "", f"{10 + number * 87 // len(source.cities):02d}{int(rng.integers(10))}"))
    elif country.code == "FR":
        for _ in range(320):
            department, region = some(
                [entry for entry in source.departments if len(entry[0]) == 2 and entry[0].isdigit()]
            )
            stem = some(
                [
                    f"{some(source.city_prefixes)}-{some(lasts)}",
                    f"{some(lasts)}{some(source.city_suffixes)}",
                    f"{some(lasts)}-sur-Mer",
                ]
            )
            towns.append((stem.replace(" ", "-"), region, department, department))
    elif country.code == "ES":
        for number, state in enumerate(source.states):
            towns.append((state, state, "", f"{number + 1:02d}0"))
        for _ in range(200):
            number = int(rng.integers(len(source.states)))
            stem = some(["Villanueva de", "San Juan de", "Torre de", "Puente de", "Santa María de"])
            towns.append(
                (f"{stem} {some(lasts)}", source.states[number], "", f"{number + 1:02d}{int(rng.integers(1, 10))}")
            )
    elif country.code == "IT":
        provinces = dict(zip(source.states_abbr, source.states, strict=True))
        codes = list(source.cap_city_province.items())
        for at in rng.permutation(len(codes))[:500].tolist():
            code_text, cities = codes[at]
            towns.append((cities[0][0], provinces.get(cities[0][1], cities[0][1]), cities[0][1], code_text))
    elif country.code == "NL":
        for city in rng.permutation(list(source.cities))[:400].tolist():
            towns.append((city, some(source.provinces), "", f"{int(rng.integers(10, 99))}{int(rng.integers(10))}"))
    elif country.code == "PL":
        for number, city in enumerate(source.cities):
            towns.append(
                (city, some(source.regions), "", f"{number * 98 // len(source.cities):02d}-{int(rng.integers(10))}")
            )
    elif country.code == "GR":
        for city in rng.permutation(list(source.cities)).tolist():
            towns.append((city, some(source.regions), "", f"{int(rng.integers(10, 86))}{int(rng.integers(10))}"))
    else:
        for city in rng.permutation(list(source.city_names))[:300].tolist():
            towns.append(
                (city, some(source.region_names), "", f"{int(rng.integers(10, 99)):02d}{int(rng.integers(10))}")
            )
    return towns


def _postcodes(code: str, head: str, count: int, rng: np.random.Generator) -> list[str]:
    """Postcodes of one town: the head that all share, then what tells them apart."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    numbers = rng.permutation(90)[:count] + 10
    if code == "GB":
        return [
            f"{head}{1 + i // 6} {1 + int(n) % 9}{letters[int(n) // 5]}{letters[int(n * 7) % 20]}"
            for i, n in enumerate(numbers)
        ]
    if code == "IT":
        return [head]
    if code == "NL":
        return [f"{head}{int(n) % 10} {letters[int(n) // 5]}{letters[int(n * 3) % 20]}" for n in numbers]
    if code == "GR":
        return [f"{head} {int(n)}" for n in numbers]
    width = {"US": 5, "PL": 6, "BG": 4}.get(code, 5)
    free = width - len(head)
    return list(dict.fromkeys(f"{head}{int(n) % 10**free:0{free}d}" for n in numbers))


def _streets(code: int, rng: np.random.Generator) -> list[str]:
    """Street names of one country without the house number."""
    country = COUNTRIES[code]
    names = name_pools()

    def draw(kind: str, count: int) -> list[str]:
        group = np.full(count, code, dtype=np.int64)
        index = (
            names.draw_family(rng, group) if kind == "family" else names.draw_given(rng, group, rng.random(count) < 0.4)
        )
        return list((names.family[0] if kind == "family" else names.given).take(pa.array(index)).to_pylist())

    count = 2_500
    if country.code in ("GB", "US"):
        suffix = rng.choice(
            ["Street", "Road", "Lane", "Avenue", "Close", "Drive", "Way", "Court", "Gardens", "Terrace"],
            count,
            p=[0.24, 0.2, 0.12, 0.14, 0.08, 0.08, 0.05, 0.04, 0.03, 0.02],
        )
        made = [f"{name} {end}" for name, end in zip(draw("family", count), suffix, strict=True)]
    elif country.code == "DE":
        ends = rng.choice(
            ["straße", "weg", "gasse", "platz", "ring", "allee"], count, p=[0.55, 0.18, 0.09, 0.08, 0.05, 0.05]
        )
        made = [
            f"{last}{end}" if n % 3 else f"{first}-{last}-{end.capitalize()}"
            for n, (first, last, end) in enumerate(zip(draw("given", count), draw("family", count), ends, strict=True))
        ]
    elif country.code == "FR":
        heads = rng.choice(["rue", "avenue", "boulevard", "chemin", "place"], count, p=[0.6, 0.15, 0.1, 0.1, 0.05])
        made = [
            f"{head} {first} {last}" if n % 2 else f"{head} de {last}"
            for n, (head, first, last) in enumerate(
                zip(heads, draw("given", count), draw("family", count), strict=True)
            )
        ]
    elif country.code == "ES":
        heads = rng.choice(["Calle", "Avenida", "Plaza", "Paseo", "Ronda"], count, p=[0.65, 0.15, 0.1, 0.06, 0.04])
        made = [
            f"{head} {first} {last}" if n % 2 else f"{head} de {last}"
            for n, (head, first, last) in enumerate(
                zip(heads, draw("given", count), draw("family", count), strict=True)
            )
        ]
    elif country.code == "IT":
        heads = rng.choice(["Via", "Piazza", "Viale", "Corso", "Vicolo"], count, p=[0.7, 0.1, 0.1, 0.06, 0.04])
        made = [
            f"{head} {first} {last}"
            for head, first, last in zip(heads, draw("given", count), draw("family", count), strict=True)
        ]
    elif country.code == "NL":
        made = [
            f"{name}{end}"
            for name, end in zip(
                draw("family", count),
                rng.choice(
                    ["straat", "weg", "laan", "plein", "hof", "singel"], count, p=[0.55, 0.18, 0.15, 0.04, 0.05, 0.03]
                ),
                strict=True,
            )
        ]
    elif country.code == "PL":
        source = provider("address", "pl_PL")
        made = [f"ul. {name}" for name in source.streets] + [f"ul. {name}" for name in draw("family", 400)]
    elif country.code == "GR":
        made = [f"Οδός {name}" for name in draw("family", 1_200)]
    elif country.code == "UA":
        source = provider("address", "uk_UA")
        heads = rng.choice(["вулиця", "провулок", "проспект"], len(source.street_titles), p=[0.8, 0.12, 0.08])
        made = [f"{head} {name}" for head, name in zip(heads, source.street_titles, strict=True)]
    else:
        made = [
            f"{head} {name}"
            for head, name in zip(rng.choice(["ул.", "бул."], 700, p=[0.85, 0.15]), draw("family", 700), strict=True)
        ]
    return list(dict.fromkeys(made))


@functools.cache
def places() -> Places:
    """Build the map of the demo world (the same one for every seed)."""
    rng = np.random.default_rng(19_991_231)
    columns: tuple[list[str], ...] = ([], [], [])
    slices: dict[int, tuple[int, Floats]] = {}
    street_slices: dict[int, tuple[int, int]] = {}
    postcodes: list[str] = []
    starts: list[int] = []
    counts: list[int] = []
    street_counts: list[int] = []
    streets: list[str] = []
    for code, country in enumerate(COUNTRIES):
        towns = _towns(code, rng)
        slices[code] = (len(columns[0]), np.cumsum(1.0 / (np.arange(len(towns)) + 4.0) ** 0.95))
        names = _streets(code, rng)
        street_slices[code] = (len(streets), len(names))
        streets += names
        for rank, (city, region, region_code, head) in enumerate(towns):
            for column, value in zip(columns, (city, region, region_code), strict=True):
                column.append(value)
            codes = _postcodes(country.code, head, max(2, 60 // (rank + 1)), rng)
            starts.append(len(postcodes))
            counts.append(len(codes))
            postcodes += codes
            street_counts.append(max(25, min(len(names) - 1, 4_000 // (rank + 3))))
    return Places(
        city=text(columns[0]),
        city_ascii=ascii_of([*columns[0]]),
        region=text(columns[1]),
        region_ascii=ascii_of([*columns[1]]),
        region_code=text([value or None for value in columns[2]]),
        slices=slices,
        postcode=text(postcodes),
        postcode_start=np.array(starts, dtype=np.int64),
        postcode_count=np.array(counts, dtype=np.int64),
        street_count=np.array(street_counts, dtype=np.int64),
        street=text(streets),
        street_ascii=ascii_of([*streets]),
        street_slices=street_slices,
    )
