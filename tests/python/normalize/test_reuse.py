"""Dictionary entries of an earlier run are reused, under the same rules only."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from python_udfs.normalize.batches import Junk
from python_udfs.normalize.emails import SCHEMA, normalize_email_batch
from python_udfs.normalize.reuse import normalized_stream


@pytest.fixture
def session() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create table junk as select 'any' as kind, 'n/a' as value")
    connection.execute("create table found as select unnest(['A@x.org', 'A@x.org', 'b@x.org', 'n/a']) as raw_value")
    return connection


def build(session: duckdb.DuckDBPyConnection, seen: list[str]) -> list[tuple[str, str | None, str | None]]:
    def normalize(batch: pa.RecordBatch, junk: Junk) -> pa.RecordBatch:
        seen.extend(batch.column("raw_value").to_pylist())
        return normalize_email_batch(batch, junk)

    reader = normalized_stream(session, "dictionary", session.table("found"), session.table("junk"), SCHEMA, normalize)
    session.register("result", reader.read_all())
    session.execute("create or replace table dictionary as select * from result")
    return session.execute("select raw_value, email, reason from dictionary order by raw_value").fetchall()


def test_only_new_values_are_computed_and_gone_values_disappear(session: duckdb.DuckDBPyConnection) -> None:
    seen: list[str] = []
    assert build(session, seen) == [("A@x.org", "a@x.org", None), ("b@x.org", "b@x.org", None), ("n/a", None, "junk")]
    assert sorted(seen) == ["A@x.org", "b@x.org", "n/a"]
    session.execute("delete from found where raw_value = 'b@x.org'")
    session.execute("insert into found values ('c@x.org')")
    seen.clear()
    assert [row[0] for row in build(session, seen)] == ["A@x.org", "c@x.org", "n/a"]
    assert seen == ["c@x.org"]


def test_other_junk_means_other_rules(session: duckdb.DuckDBPyConnection) -> None:
    seen: list[str] = []
    build(session, seen)
    session.execute("insert into junk values ('email', 'b@x.org')")
    seen.clear()
    assert ("b@x.org", None, "junk") in build(session, seen)
    assert len(seen) == 3
