"""Time zones as tools write them."""

from __future__ import annotations

import duckdb
import pytest

from python_udfs.insights.time_zones import iana_zone, zone_table


@pytest.mark.parametrize(
    ("raw", "zone"),
    [
        ("Europe/Kyiv", "Europe/Kyiv"),
        (" Berlin ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("Eastern Time (US & Canada)", None),  # a zone of several countries' rules
        ("Louisville", None),  # two zones end so
        ("UTC+3", None),
        ("", None),
    ],
)
def test_zone_is_what_the_name_means_beyond_doubt(raw: str, zone: str | None) -> None:
    assert iana_zone(raw) == zone


def test_engine_knows_every_zone_found() -> None:
    zones = [
        zone for zone in zone_table(["Europe/Kyiv", "Madrid", "Nowhere", "Madrid"])["time_zone"].to_pylist() if zone
    ]
    assert zones == ["Europe/Kyiv", "Europe/Madrid"]
    for zone in zones:
        shifted = f"select (timestamp '2025-06-01 12:00:00' at time zone 'UTC') at time zone '{zone}'"
        assert duckdb.sql(shifted).fetchall()[0][0].hour in (14, 15)
