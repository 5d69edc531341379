"""A condition that fails at a customer is told with the segment it belongs to."""

from __future__ import annotations

from pathlib import Path

import duckdb

from python_udfs.segments.failure import failing_segments_of

PROJECT = """vars:
  segments:
    - name: hired
      predicate: cast(job_title as date) > date '2020-01-01'
    - name: ordered
      sql: select customer_id from {ref:orders} where cast(units as integer) > 1
"""
CHOSEN = "customer_id in (select chosen.customer_id from (select customer_id from {{ref:orders}}{}) as chosen)"
CONDITIONS = {
    "french": "country = 'FR'",
    "hired": "cast(job_title as date) > date '2020-01-01'",
    "made_of_it": "(country = 'FR') or (cast(job_title as date) > date '2020-01-01')",
    "ordered": CHOSEN.format(" where cast(units as integer) > 1"),
    "seen": CHOSEN.format(""),
}


def test_the_segment_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    database = tmp_path / "k.duckdb"
    assert failing_segments_of(database, str(tmp_path)) == ""
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema marts; create schema a_masked; create schema intermediate; create schema privacy"
        )
        connection.execute("create table privacy.masking_key as select 'salt' as salt")
        assert failing_segments_of(database, str(tmp_path)) == ""
        connection.execute(
            "create view a_masked.orders as select null as customer_id, null as units from privacy.masking_key"
        )
        connection.execute("create table marts.orders as select 'c1' as customer_id, 'two' as units")
        connection.execute(
            "create table marts.customer_features as select 'c1' as customer_id, 'FR' as country, 'baker' as job_title"
        )
        connection.execute(
            "create table intermediate.int_segment_declarations (segment_name varchar, condition varchar)"
        )
        for declared in CONDITIONS.items():
            connection.execute("insert into intermediate.int_segment_declarations values (?, ?)", declared)
    hired, ordered = failing_segments_of(database, str(tmp_path)).splitlines()
    assert hired.startswith("Segment 'hired' (dbt_project.yml:4) fails at one of the customers: ") and "baker" in hired
    assert ordered.startswith("Segment 'ordered' (dbt_project.yml:6) fails") and "two" in ordered
    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.customer_features set job_title = '2021-01-01'")
        connection.execute("update marts.orders set units = '2'")
    assert failing_segments_of(database, str(tmp_path)) == ""
