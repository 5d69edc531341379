"""Benchmarks refuse what makes no sense before they build anything, and say what they take."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks import accounts, build, customers, households


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        (accounts.main, ["--companies", "0"], "--companies: 0: give a whole number from 1 up"),
        (accounts.main, ["--seeds", "1,x"], "--seeds: 1,x: give whole numbers from 0 up, separated by commas"),
        (build.main, ["--people", "many"], "--people: many: give a whole number from 1 up"),
        (customers.main, ["segments", "--size", "-1"], "--size: -1: give a whole number from 1 up"),
        (households.main, ["--sets", "families,nowhere"], "unknown set 'nowhere'; known: demo_<seed>, one_city"),
        (households.main, ["--sets", "demo_x"], "unknown set 'demo_x'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    command: Callable[[list[str]], int], arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command(arguments)
    assert told in capsys.readouterr().err
