"""Names of people for display: titles removed, order and case repaired, the original script kept."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from python_udfs.normalize.batches import Junk
from python_udfs.normalize.text import clean, looks_hashed

SCHEMA = pa.schema(
    [
        ("name_kind", pa.string()),
        ("raw_value", pa.string()),
        ("name", pa.string()),
        ("given_name", pa.string()),
        ("middle_name", pa.string()),
        ("family_name", pa.string()),
        ("reason", pa.string()),
    ]
)

TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "dame",
        "lady",
        "lord",
        "dr",
        "prof",
        "professor",
        "rev",
        "reverend",
        "hon",
        "madam",
        "herr",
        "frau",
        "frl",
        "fräulein",
        "dipl-ing",
        "dipl-kfm",
        "dr-ing",
        "ing",
        "mag",
        "monsieur",
        "madame",
        "mademoiselle",
        "mme",
        "mlle",
        "m.",
        "sr.",
        "sra",
        "srta",
        "señor",
        "señora",
        "señorita",
        "don",
        "doña",
        "sig",
        "sig.ra",
        "signor",
        "signora",
        "signorina",
        "dott",
        "dott.ssa",
        "dr.ssa",
        "dhr",
        "mevr",
        "mw",
        "drs",
        "pan",
        "pani",
        "senhor",
        "senhora",
        "hr",
        "fru",
        "mgr",
    ]
)
# Titles that are names, too: taken off with a full stop, or where two words are left.
AMBIGUOUS_TITLES = frozenset(["dame", "lady", "lord", "rev", "hon", "ing", "mag", "don", "pan", "sig", "hr"])
# Before a given name alone; after any other title, one word is a family name.
GIVEN_TITLES = frozenset(["sir", "dame", "lady", "lord", "don", "doña", "miss", "rev", "pan", "pani"])
# What a doctorate is in, after its title.
FACULTIES = frozenset(
    ["med.", "dent.", "vet.", "rer.", "nat.", "pol.", "oec.", "phil.", "jur.", "iur.", "theol.", "habil.", "h.c."]
)
# Not senior, which is a family name of its own.
GENERATIONS = frozenset(["jr", "jnr", "junior", "sr", "snr", "ii", "iii", "iv"])
ROMAN_GENERATIONS = frozenset(["ii", "iii", "iv"])
SUFFIXES = frozenset(["phd", "ph.d", "md", "m.d", "mba", "msc", "bsc", "esq", "dds", "cpa", "llm", "jd"])
PARTICLES = frozenset(
    [
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "das",
        "do",
        "dos",
        "du",
        "la",
        "le",
        "ter",
        "ten",
        "zu",
        "zum",
        "zur",
        "af",
        "av",
        "bin",
        "ibn",
        "al",
        "el",
        "y",
        "e",
        "st",
    ]
)
_WORD_PARTS = re.compile(r"([-.'’ʼ])")
_TITLE_CONNECTORS = frozenset(["&", "+", "and", "und", "et", "y", "e", "en"])
# Family name first, with a blank between: names in the scripts of China, Japan and Korea.
_EASTERN = re.compile("[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")
_NO_LETTER = re.compile(r"[\W\d_]+")


class Name(NamedTuple):
    """A display name and its parts (parts only where a full name was split); or a reason why there is none."""

    name: str | None
    given: str | None = None
    middle: str | None = None
    family: str | None = None
    reason: str | None = None


def _capital(word: str) -> str:
    """One word, hyphens and apostrophes included: jean-luc -> Jean-Luc, o'brien -> O'Brien, mcdonald -> McDonald."""
    if word.lower() in ROMAN_GENERATIONS:
        return word.upper()
    pieces = _WORD_PARTS.split(word.lower())
    done = []
    for place, piece in enumerate(pieces):
        after_apostrophe = place >= 2 and pieces[place - 1] in "'’ʼ"
        # A single letter after an apostrophe is a genitive s, not a name: keep it small.
        done.append(piece if after_apostrophe and len(piece) < 2 else piece[:1].upper() + piece[1:])
    whole = "".join(done)
    if len(whole) > 4 and whole.startswith("Mc"):
        whole = "Mc" + whole[2].upper() + whole[3:]
    return whole


def proper_case(name: str) -> str:
    """Repair a name in all upper or all lower case; a name in mixed case is left as its owner wrote it."""
    if name != name.upper() and name != name.lower():
        return name
    words = name.split(" ")
    # Particles are small only before another word: "van der Berg", but a person called "Van".
    return " ".join(
        word.lower() if word.lower() in PARTICLES and place + 1 < len(words) else _capital(word)
        for place, word in enumerate(words)
    )


def _is_title(word: str, following: int) -> bool:
    """A word that so many others follow is a title."""
    bare = word.rstrip(".")
    if bare in AMBIGUOUS_TITLES and bare == word and following < 2:
        return False
    return word in TITLES or bare in TITLES or bare.replace(".", "") in TITLES


def strip_titles(words: list[str]) -> list[str]:
    """Words without leading titles (Prof. Dr. med., Mr. & Mrs.) and trailing degrees; never takes the last word left."""
    has_title = False
    while len(words) > 1:
        first = words[0].lower()
        joins_titles = first in _TITLE_CONNECTORS and _is_title(words[1].lower(), len(words) - 2)
        if not _is_title(first, len(words) - 1) and not (has_title and (first in FACULTIES or joins_titles)):
            break
        has_title = True
        words = words[1:]
    while len(words) > 1 and words[-1].lower().strip(".,") in SUFFIXES:
        words = words[:-1]
    return words


def split_words(words: list[str]) -> tuple[str | None, str | None, str | None]:
    """(given, middle, family) of words in Western order; particles and Jr belong to the family name, one word is given."""
    if len(words) < 2:
        return (words[0] if words else None), None, None
    start = len(words) - 1
    if start == 1 and words[1].lower().strip(".") in GENERATIONS:
        return words[0], None, None
    if start > 1 and words[-1].lower().strip(".") in GENERATIONS:
        start -= 1
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return words[0], " ".join(words[1:start]) or None, " ".join(words[start:])


def _problem(text: str, junk: Junk) -> str | None:
    lower = text.lower()
    words = lower.split()
    if not text or lower in junk["name"] or all(word in junk["name"] for word in words) or _NO_LETTER.fullmatch(text):
        return "junk"
    if looks_hashed(text):
        return "hashed value"
    if "@" in text:
        return "e-mail address in a name"
    return None


@lru_cache(maxsize=200_000)
def _part(text: str) -> str:
    return proper_case(" ".join(strip_titles(text.split(" "))))


def normalize_name_part(value: str, junk: Junk) -> Name:
    """A given or a family name."""
    text = clean(value).strip(" ,;")
    problem = _problem(text, junk)
    if problem:
        return Name(None, reason=problem)
    return Name(_part(text))


def normalize_full_name(value: str, junk: Junk) -> Name:
    """A full name in either order ('Ann Lee', 'Lee, Ann') with its parts, display order given-middle-family."""
    text = clean(value).strip(" ,;")
    problem = _problem(text, junk)
    if problem:
        return Name(None, reason=problem)
    first, *others = (part.strip() for part in text.split(",") if part.strip())
    # What follows a comma may be no name: 'Lee, Ann, PhD', 'Ann Lee, Jr.'
    generation: list[str] = []
    names = [first]
    for part in others:
        words = [word.strip(".") for word in part.split()]
        if {word.lower() for word in words} <= SUFFIXES | GENERATIONS:
            generation += [word for word in words if word.lower() in GENERATIONS]
        else:
            names.append(part)
    if len(names) == 2:
        family = " ".join([proper_case(" ".join(strip_titles(names[0].split()))), *generation[:1]])
        words = proper_case(" ".join(strip_titles(names[1].split()))).split(" ")
        given, middle = words[0], " ".join(words[1:]) or None
        return Name(" ".join(filter(None, (given, middle, family))), given, middle, family)
    written = " ".join([*names, *generation[:1]]).split()
    words = strip_titles(written)
    text = proper_case(" ".join(words))
    # Mrs. Lee is addressed by her family name.
    if len(words) == 1 < len(written) and written[-1] == words[0] and written[0].lower().strip(".") not in GIVEN_TITLES:
        return Name(text, None, None, text)
    if len(words) == 2 and all(map(_EASTERN.fullmatch, words)):
        return Name(text, words[1], None, words[0])
    return Name(text, *split_words(text.split(" ")))


def normalize_name_batch(batch: pa.RecordBatch, junk: Junk) -> pa.RecordBatch:
    """Columns name_kind ('part' | 'full'), raw_value (text, not null) -> SCHEMA, same number and order of rows."""
    kinds, values = batch.column("name_kind"), batch.column("raw_value")
    results = [
        normalize_full_name(value, junk) if kind == "full" else normalize_name_part(value, junk)
        for kind, value in zip(kinds.to_pylist(), values.to_pylist(), strict=True)
    ]
    columns = [
        pa.array(kinds, pa.string()),
        pa.array(values, pa.string()),
        *(pa.array([result[place] for result in results], pa.string()) for place in range(5)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
