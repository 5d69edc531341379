"""Time zones as sources write them: the zone of the IANA database that is meant, where that is beyond doubt."""

from __future__ import annotations

import functools
import zoneinfo

import pyarrow as pa

SCHEMA = pa.schema([("raw_zone", pa.string()), ("time_zone", pa.string())])


@functools.cache
def _zones() -> tuple[frozenset[str], dict[str, list[str]]]:
    """Names of all places' zones, and which of them each city's name ends."""
    names = frozenset(
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith(("posix/", "right/", "Etc/"))
    )
    cities: dict[str, list[str]] = {}
    for name in sorted(names):
        cities.setdefault(name.rpartition("/")[2].lower(), []).append(name)
    return names, cities


def iana_zone(raw: str) -> str | None:
    """Zone meant by a name: itself, or the only zone of that city ('Berlin' is 'Europe/Berlin'); None where neither holds."""
    name = raw.strip()
    names, cities = _zones()
    if name in names:
        return name
    found = cities.get(name.lower().replace(" ", "_"), [])
    return found[0] if len(found) == 1 else None


def zone_table(raw: list[str]) -> pa.Table:
    """Columns raw_zone, time_zone (null where unknown); one row per distinct value, ordered."""
    return pa.Table.from_pylist(
        [{"raw_zone": name, "time_zone": iana_zone(name)} for name in sorted(set(raw))], schema=SCHEMA
    )
