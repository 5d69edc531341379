"""The files of a run: which there are, that they repeat, that stale ones go, what the command line refuses."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_udfs.demo.__main__ import main, parse
from python_udfs.demo.generate import Request, generate
from python_udfs.demo.schemas import SCHEMAS
from python_udfs.demo.writer import RawWriter, table_of


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


def test_every_declared_table_is_written_with_its_columns_and_types(world):
    for name, schema in SCHEMAS.items():
        source, _, table = name.partition(".")
        written = pq.read_schema(world.folder / source / f"{table}.parquet")
        assert written.equals(schema), name
        assert pq.read_metadata(world.folder / source / f"{table}.parquet").num_rows > 0, name


def test_same_arguments_give_the_same_bytes(tmp_path):
    for run in ("a", "b"):
        generate(Request(250, 3, tmp_path / run))
        generate(Request(250, 3, tmp_path / run, day=4))
    first = _digests(tmp_path / "a")
    assert any("day0004" in name for name in first)
    assert first == _digests(tmp_path / "b")


def test_another_seed_gives_other_people(tmp_path):
    for seed in (1, 2):
        generate(Request(200, seed, tmp_path / str(seed)))
    emails = [set(pq.read_table(tmp_path / str(seed) / "truth/person.parquet")["email"].to_pylist()) for seed in (1, 2)]
    assert len(emails[0] & emails[1]) < 20


def test_one_person_is_enough(tmp_path):
    for seed in range(4):
        rows = generate(Request(1, seed, tmp_path))
        assert rows["truth.person"] == 1
        generate(Request(1, seed, tmp_path, day=1))


def test_blocks_keep_ids_and_addresses_apart(tmp_path, monkeypatch):
    monkeypatch.setattr("python_udfs.demo.generate.BLOCK", 150)
    generate(Request(500, 9, tmp_path))
    for table, column in (
        ("truth/person", "email"),
        ("truth/person", "person_id"),
        ("truth/person_record", "record_id"),
        ("shopify/order", "id"),
        ("shopify/order_line", "id"),
        ("segment/tracks", "id"),
        ("hubspot/company", "id"),
        ("truth/account_record", "account_record_id"),
    ):
        values = pq.read_table(tmp_path / f"{table}.parquet")[column].to_pylist()
        assert len(values) == len(set(values)), f"{table}.{column}"


def test_a_base_run_removes_what_an_earlier_run_left(tmp_path):
    generate(Request(60, 1, tmp_path))
    generate(Request(60, 1, tmp_path, day=1))
    stranger = tmp_path / "shopify" / "order_extra.parquet"
    pq.write_table(pa.table({"a": [1]}), stranger)
    (tmp_path / "pos" / ".receipt.partial").write_bytes(b"half a file")
    generate(Request(60, 1, tmp_path))
    assert not list(tmp_path.rglob("*.day*")) and not list(tmp_path.rglob(".*partial"))
    assert stranger.exists()


def test_nothing_appears_when_a_run_fails(tmp_path):
    table = table_of("pos.store", {"store_id": pa.array(["S1"])})
    with pytest.raises(RuntimeError, match="on purpose"), RawWriter(tmp_path) as writer:
        writer.add("pos.store", table)
        raise RuntimeError("on purpose")
    assert not list(tmp_path.rglob("*.parquet")) and not list(tmp_path.rglob(".*"))


def test_a_column_of_another_type_is_named():
    with pytest.raises(ValueError, match=r"pos\.receipt_line: column 'quantity' is string, declared int64"):
        table_of("pos.receipt_line", {"quantity": pa.array(["one"])})
    with pytest.raises(ValueError, match="'colour' is not declared"):
        table_of("pos.receipt_line", {"colour": pa.array(["red"])})


def test_until_moves_the_whole_world(tmp_path):
    generate(Request(150, 1, tmp_path, until=datetime.date(2025, 3, 31)))
    latest = max(pq.read_table(tmp_path / "shopify/order.parquet")["created_at"].to_pylist())
    assert datetime.datetime(2025, 2, 1) < latest < datetime.datetime(2025, 4, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--people", "0"], "at least 1"),
        (["--people", "many"], "not a whole number"),
        (["--day", "-1"], "not a day"),
        (["--until", "30.06.2026"], "2026-06-30"),
        (["--seed", "-3"], "from 0 up"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message, tmp_path, capsys):
    with pytest.raises(SystemExit):
        parse([*arguments, "--out", str(tmp_path)])
    assert message in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_explained(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SystemExit):
        parse(["--out", str(tmp_path / "file" / "raw")])
    assert "name a folder that can be written" in capsys.readouterr().err


def test_the_command_prints_the_rows_it_wrote(tmp_path, capsys):
    assert main(["--people", "40", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert "truth.person " in shown.out and shown.err == ""
    assert np.all([name in shown.out for name in SCHEMAS])
