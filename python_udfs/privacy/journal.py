"""The journal of erasures and readmissions: a file beside the database, one JSON object a line, keyed hashes only.

It is no table, because a restored database would not know what was erased after its backup was made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from python_udfs.privacy.keys import KEY_VARIABLE, Key, SuppressionKeyError

SUFFIX = ".erasures.jsonl"


@dataclass(frozen=True)
class Erasure:
    """One erased person: when, and the hashes of all their identifiers by kind."""

    operation_id: str
    erased_at: str
    key_fingerprint: str
    hashes: dict[str, list[str]]


@dataclass(frozen=True)
class Readmission:
    """People of some erasures, by the ids of these operations, who are let in again: with what is observed from then on (UTC)."""

    operation_id: str
    readmitted_at: str
    key_fingerprint: str
    erasures: list[str]


Entry = Erasure | Readmission


def erasures_of(entries: Iterable[Entry]) -> list[Erasure]:
    """The erasures among the entries of a journal."""
    return [entry for entry in entries if isinstance(entry, Erasure)]


def journal_path(database: Path) -> Path:
    """Where the journal of a database is."""
    return database.with_name(database.name + SUFFIX)


def read_journal(database: Path) -> list[Entry]:
    """All erasures and readmissions, oldest first; none without a journal.

    Raises:
        ValueError: a line is neither; names file and line.
    """
    path = journal_path(database)
    if not path.exists():
        return []
    entries: list[Entry] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            written = json.loads(line)
            entries.append(Readmission(**written) if "readmitted_at" in written else Erasure(**written))
        except (ValueError, TypeError) as problem:
            raise ValueError(
                f"{path}, line {number}: not an erasure. The list of erased people must not be cut short: "
                "bring the file back from a backup."
            ) from problem
    return entries


def append(database: Path, entry: Entry) -> None:
    """Write an entry and see that it is on disk before anything is deleted."""
    with journal_path(database).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(entry), sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def suppressed_hashes(entries: Iterable[Entry], key: Key) -> dict[str, frozenset[str]]:
    """Hashes of everybody who was erased, by kind, let in again or not.

    Raises:
        SuppressionKeyError: an entry was written with another key, so nobody could be recognized by this one.
    """
    together: dict[str, set[str]] = {}
    for entry in entries:
        if entry.key_fingerprint != key.fingerprint:
            raise SuppressionKeyError(
                f"{KEY_VARIABLE} is not the key that operation {entry.operation_id} was run with. "
                "Erased people could not be recognized: set the key of that time."
            )
        if isinstance(entry, Erasure):
            for kind, hashes in entry.hashes.items():
                together.setdefault(kind, set()).update(hashes)
    return {kind: frozenset(hashes) for kind, hashes in together.items()}


def readmitted_hashes(entries: Iterable[Entry]) -> dict[str, str]:
    """Hashes that rows may have again, with the time from which on they may have been observed.

    Only where all whose hash it was have been let in; the latest of their times counts.
    """
    listed = list(entries)
    times = {
        erasure: entry.readmitted_at for entry in listed if isinstance(entry, Readmission) for erasure in entry.erasures
    }
    found: dict[str, str | None] = {}
    for erasure in erasures_of(listed):
        time = times.get(erasure.operation_id)
        for each in {each for hashes in erasure.hashes.values() for each in hashes}:
            before = found.get(each, "")
            found[each] = None if time is None or before is None else max(before, time)
    return {each: time for each, time in found.items() if time is not None}
