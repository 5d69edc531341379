"""Accounts of known truth."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accounts import build, measure, write_companies
from benchmarks.robustness import Runner


def test_accounts_are_the_companies_behind_their_records(tmp_path: Path) -> None:
    write_companies(500, 11, tmp_path / "raw")
    records, found = measure(build(Runner(tmp_path)))
    assert records > 900
    assert found.f1 >= 0.95
    assert found.precision >= 0.95
