"""Whoever reads an activation table is declared, with an owner and how soon changes have to arrive."""

from __future__ import annotations

import re

import yaml

from tests.python.delivery.small_project import PROJECT

FOLDER = PROJECT / "models" / "marts" / "activation"


def test_every_activation_table_has_a_reader_with_owner_and_sla() -> None:
    exposures = yaml.safe_load((FOLDER / "_exposures.yml").read_text(encoding="utf-8"))["exposures"]
    tables = {file.stem for file in FOLDER.glob("activation_*.sql") if file.stem.endswith(("_current", "_state"))}
    read = {
        name for exposure in exposures for one in exposure["depends_on"] for name in re.findall(r"ref\('(\w+)'\)", one)
    }
    assert read == tables
    for exposure in exposures:
        assert exposure["owner"]["name"] and "@" in exposure["owner"]["email"], exposure["name"]
        meta = exposure["config"]["meta"]
        assert meta["sla_hours"] > 0 and str(meta["sla_hours"]) in meta["sla"], exposure["name"]
