"""The journal of erasures: a file beside the database, one JSON object a line, keyed hashes only.

It is no table, because a restored database would not know what was erased after its backup was made.
"""

from __future__ import annotations

import json
import os
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


def journal_path(database: Path) -> Path:
    """Where the journal of a database is."""
    return database.with_name(database.name + SUFFIX)


def read_journal(database: Path) -> list[Erasure]:
    """All erasures, oldest first; none without a journal.

    Raises:
        ValueError: a line is not an erasure; names file and line.
    """
    path = journal_path(database)
    if not path.exists():
        return []
    erasures = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            erasures.append(Erasure(**json.loads(line)))
        except (ValueError, TypeError) as problem:
            raise ValueError(
                f"{path}, line {number}: not an erasure. The list of erased people must not be cut short: "
                "bring the file back from a backup."
            ) from problem
    return erasures


def append(database: Path, erasure: Erasure) -> None:
    """Write an erasure and see that it is on disk before anything is deleted."""
    with journal_path(database).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(erasure), sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def suppressed_hashes(erasures: list[Erasure], key: Key) -> dict[str, frozenset[str]]:
    """Hashes of everybody who was erased, by kind.

    Raises:
        SuppressionKeyError: an erasure was written with another key, so nobody could be recognized by this one.
    """
    together: dict[str, set[str]] = {}
    for erasure in erasures:
        if erasure.key_fingerprint != key.fingerprint:
            raise SuppressionKeyError(
                f"{KEY_VARIABLE} is not the key that operation {erasure.operation_id} was run with. "
                "Erased people could not be recognized: set the key of that time."
            )
        for kind, hashes in erasure.hashes.items():
            together.setdefault(kind, set()).update(hashes)
    return {kind: frozenset(hashes) for kind, hashes in together.items()}
