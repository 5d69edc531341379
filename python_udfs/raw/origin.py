"""Which raw data a database was built from, written down in a file beside it: `<database>.origin`.

Its first line identifies the data (`origin_of`); the second is the raw folder, as seen from the database's folder where it lies within
that, so that both can be moved together.
"""

from __future__ import annotations

import os
from pathlib import Path

RAW_VARIABLE = "KINDRED_RAW"
DEFAULT_RAW = "data/raw"
ORIGIN_SUFFIX = ".origin"
DEMO_MARKER = "demo.txt"
IN_DATABASE = "tables in the database"
FOLDER = "folder "


class OriginError(RuntimeError):
    """The database was built from other raw data; the message says which and what to do."""


def origin_path(database: Path) -> Path:
    """Where the origin of a database is written down."""
    return database.with_name(database.name + ORIGIN_SUFFIX)


def origin_of(raw: Path | None) -> str:
    """What identifies raw data: the parameters of demo data, else the folder, else the database itself."""
    if raw is None:
        return IN_DATABASE
    marker = raw / DEMO_MARKER
    return f"demo {marker.read_text(encoding='utf-8').strip()}" if marker.exists() else f"{FOLDER}{raw.resolve()}"


def write_origin(database: Path, raw: Path | None) -> None:
    """Write down what a database is built from; `raw` is None where the raw tables are in the database."""
    lines = [origin_of(raw)]
    if raw is not None:
        home, folder = database.parent.resolve(), raw.resolve()
        lines.append(str(folder.relative_to(home) if folder.is_relative_to(home) else folder))
    origin_path(database).write_text("\n".join(lines), encoding="utf-8")


def read_origin(database: Path) -> tuple[str, str | None] | None:
    """What identifies the raw data of a database, and their folder.

    Returns:
        None where nothing is written down. The folder is "" for tables in the database and None where it is not known.
    """
    path = origin_path(database)
    if not path.exists():
        return None
    origin, _, folder = path.read_text(encoding="utf-8").partition("\n")
    if origin == IN_DATABASE:
        return origin, ""
    if folder:
        return origin, str(database.parent.resolve() / folder)
    # What was built before the folder had a line of its own.
    return origin, origin.removeprefix(FOLDER) if origin.startswith(FOLDER) else None


def recorded_raw(database: Path) -> str | None:
    """The raw folder that a database was built from; "" for tables in the database, None where nobody knows."""
    known = read_origin(database) if database.exists() else None
    return known[1] if known else None


def raw_setting(database: Path) -> str:
    """The raw folder of a command as KINDRED_RAW has it, else the one that the database was built from, else data/raw; "" for none."""
    setting = os.environ.get(RAW_VARIABLE)
    if setting is None:
        setting = recorded_raw(database)
    return DEFAULT_RAW if setting is None else setting.strip()


def raw_of_database(database: Path) -> Path | None:
    """The folder with the raw files of a database; None where the raw tables are in the database.

    Raises:
        OriginError: KINDRED_RAW names another folder than the one that the database was built from.
    """
    setting = raw_setting(database)
    recorded = recorded_raw(database)
    raw = Path(setting) if setting else None
    if recorded is not None and (raw.resolve() if raw else None) != (Path(recorded).resolve() if recorded else None):
        raise OriginError(
            f"{database} was built from {recorded or IN_DATABASE}, not from {raw or IN_DATABASE}: leave RAW and {RAW_VARIABLE} out, or, "
            f"if the raw data have moved, remove {origin_path(database)} and run `make run RAW=<their folder>`."
        )
    return raw
