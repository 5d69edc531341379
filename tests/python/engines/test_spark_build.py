"""Spark builds staging and the linkage from the raw tables of a small company, and its tables hold the same rows as DuckDB's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.python.engines.spark_build import LAYERS, LEARNED, differences
from tests.python.engines.spark_project import PROJECT

#: Columns that differ, by table: hashes are the engine's own, and with them what they draw; a run has its own id, time and fingerprint.
OF_THE_ENGINE: dict[str, set[str]] = {
    "identity_features": {"content_hash", "alike_key"},
    "identity_blocking_keys": {"block_key"},
    "identity_sample_keys": {"block_key"},
    "identity_identifier_agreements": {"identifier_key"},
    "identity_random_patterns": {"pattern", "pair_count"},
    "identity_run": {"run_id", "started_at", "fingerprint"},
}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("builds")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KINDRED_")}
    command = [sys.executable, "-m", "tests.python.engines.spark_build", str(folder)]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True)
    return folder


def test_spark_builds_every_seed_and_model(builds: Path) -> None:
    built = json.loads((builds / "spark.json").read_text(encoding="utf-8"))
    assert len(built) > 110
    assert {name: outcome for name, outcome in built.items() if outcome != "success"} == {}


def test_spark_computes_the_same_rows(builds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = differences(builds)
    different = {name: set(columns) for name, columns in found.items() if columns}
    with capsys.disabled():
        print(
            f"\nBuilt by Spark and by DuckDB: {len(found)} tables ({', '.join(LAYERS)}), {len(found) - len(different)} with the same rows, "
            f"{len(different)} with other values in columns that are of the engine. Taken over from DuckDB: {', '.join(LEARNED)}."
        )
    assert different == OF_THE_ENGINE
