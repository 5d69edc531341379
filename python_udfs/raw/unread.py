"""Files in the raw folder that nothing reads: misspelt names, other formats, other depths. Whoever put them there expects them to count."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from python_udfs.raw.inspect import EXTENSIONS
from python_udfs.raw.origin import DEMO_MARKER
from python_udfs.segments.declarations import closest

STAGING = Path(__file__).resolve().parents[2] / "models" / "staging"
MOST_TOLD = 10


def unread_files(raw: Path, declared: Iterable[Mapping[str, Any]], with_switched_off: bool = False) -> list[str]:
    """One sentence for each file that belongs to no declared table, sorted by path, with the nearest declared name.

    Args:
        raw: The raw folder.
        declared: The tables of the sources that are switched on, with the keys source and table.
        with_switched_off: Also tell of files of sources that are switched off; those are left out on purpose.
    """
    tables: dict[str, list[str]] = {}
    for table in declared:
        tables.setdefault(str(table["source"]), []).append(str(table["table"]))
    told = []
    for path in sorted(path for path in raw.rglob("*") if path.is_file()):
        parts = path.relative_to(raw).parts
        if any(part.startswith(".") for part in parts) or parts == (DEMO_MARKER,):
            continue
        is_off = parts[0] not in tables and (STAGING / parts[0] / f"_{parts[0]}__sources.yml").is_file()
        why = _why_unread(parts, tables, is_off)
        if why and (with_switched_off or not is_off):
            told.append(f"{'/'.join(parts)} is not read: {why}.{'' if is_off else _suggestion(parts, tables)}")
    return told


def shortened(told: list[str]) -> list[str]:
    """The first sentences, those with a suggestion before the others, and how many files there are beyond them.

    Connectors land many tables that nothing here reads; of them one sentence is enough.
    """
    meant = [sentence for sentence in told if sentence.endswith("?")]
    others = [sentence for sentence in told if not sentence.endswith("?")]
    shown = [*meant, *(others if len(others) <= MOST_TOLD - len(meant) else [])][:MOST_TOLD]
    further = len(told) - len(shown)
    example = next((sentence.partition(" ")[0] for sentence in told if sentence not in shown), "")
    more = f"{further} {'further ' if shown else ''}{'file is' if further == 1 else 'files are'} not read, such as {example}."
    return [*shown, more] if further else shown


def _why_unread(parts: tuple[str, ...], tables: Mapping[str, list[str]], is_off: bool) -> str:
    """Why a file is not read; empty for one that is."""
    source = parts[0]
    if is_off:
        return f"the source {source} is switched off"
    if len(parts) == 1:
        return "it lies in no folder of a source"
    if source not in tables:
        return f"there is no source {source}"
    if len(parts) > 2:
        return f"it does not lie in {source} itself"
    if parts[1].split(".")[0] not in tables[source]:
        return f"{source} has no table {parts[1].split('.')[0]}"
    if Path(parts[1]).suffix.lower() not in EXTENSIONS:
        return f"only {' and '.join(EXTENSIONS)} files are"
    return ""


def _suggestion(parts: tuple[str, ...], tables: Mapping[str, list[str]]) -> str:
    """The declared name most like that of a file, as a question; empty where none is like it or it is the name it has."""
    table = parts[-1].split(".")[0]
    names = [f"{source}/{name}" for source, known in sorted(tables.items()) for name in known]
    if len(parts) == 1:
        found = closest(table.lower(), ", ".join(name.partition("/")[2] for name in names))
        like = ", ".join(name for name in names if found and name.partition("/")[2] == found)
    else:
        # Tables of one tool are often called alike; a slip is nearer than that.
        nearest = difflib.get_close_matches(f"{parts[0]}/{table}".lower(), names, n=1, cutoff=0.9)
        like = nearest[0] if nearest else ""
    return f" Did you mean {like.replace(', ', ' or ')}?" if like and like != "/".join([*parts[:-1], table]) else ""
