"""The summary tells counts of what is built, says what is not, and shows nobody's data."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from python_udfs.summary import bar, main, open_database, pairwise_scores, render, summarize

BUILD = """
create schema identity; create schema marts; create schema governance; create schema staging;
create table identity.identity_records as select * from (values
    ('a', 'shopify'), ('b', 'shopify'), ('c', 'pos'), ('d', 'pos'), ('e', 'pos')) as t (record_id, source_name);
create table identity.customer_ids as select * from (values
    ('a', 'c1'), ('b', 'c1'), ('c', 'c1'), ('d', 'c2'), ('e', 'c2')) as t (record_id, customer_id);
create table staging.stg_truth__person_records as select * from (values
    ('a', 'p1'), ('b', 'p1'), ('c', 'p2'), ('d', 'p2'), ('z', 'p9')) as t (record_id, person_id);
create table marts.orders as select * from (values
    ('shopify', 'c1'), ('shopify', null), ('pos', null)) as t (source_name, customer_id);
create table marts.consent_status as select * from (values
    ('c1', 'marketing', 'email', true), ('c1', 'marketing', 'email', false), ('c2', 'marketing', 'email', false),
    ('c2', 'analytics', 'any', true)) as t (customer_id, purpose_code, channel, is_permitted);
create table marts.segments as select * from (values
    ('vip', 'VIP', 1, 0.5), ('nobody', 'Nobody', 0, 0.0)) as t (segment_name, label, member_count, customer_share);
create table governance.rejected_values as select * from (values
    ('pos', 'member', 'email', 'not an e-mail address', 7, 'secret@example.com'))
    as t (source_name, table_name, column_name, reason, value_count, sample_masked);
create table governance.rejected_rows as select * from (values ('pos', 'member', 'no id', 2))
    as t (source_name, table_name, reason, row_count);
create table governance.row_accounting as select * from (values (10, 8, 2), (5, 4, 0))
    as t (rows_in, rows_used, rows_rejected);
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "kindred.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in BUILD.split(";"):
            if statement.strip():
                connection.execute(statement)
    return path


def test_counts_of_a_small_build(database: Path) -> None:
    with open_database(database) as connection:
        summary = summarize(connection)
    assert summary["records"] == {
        "total": 5,
        "by_source": [{"source_name": "pos", "records": 3}, {"source_name": "shopify", "records": 2}],
    }
    assert summary["customers"]["customers"] == 2
    assert summary["customers"]["records_per_customer"] == 2.5
    assert summary["customers"]["largest_customer_records"] == 3
    assert summary["orders"]["without_customer"] == 2
    assert summary["accounting"]["unbalanced_tables"] == 1
    assert summary["reach"]["channels"] == [{"channel": "email", "reachable": 1, "with_contact_point": 2}]
    assert [row["member_count"] for row in summary["segments"]["segments"]] == [1, 0]
    assert summary["rejected"]["rows"] == [{"place": "pos.member", "reason": "no id", "count": 2}]


def test_values_that_were_lost_come_before_columns_that_are_missing(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into governance.rejected_values select 'pos', 'member', 'column_' || i, 'column missing', 1000 + i, null"
            " from range(8) as r(i)"
        )
    with open_database(database) as connection:
        values = summarize(connection)["rejected"]["values"]
    assert [row["count"] for row in values] == [7, 1007, 1006, 1005, 1004]


def test_quality_agrees_with_listing_every_pair(database: Path) -> None:
    with open_database(database) as connection:
        quality = summarize(connection)["quality"]
        found, true, both = connection.execute(
            """
            with judged as (
                select ids.record_id, ids.customer_id, truth.person_id
                from identity.customer_ids as ids
                inner join staging.stg_truth__person_records as truth using (record_id)
            )
            select
                count(*) filter (where l.customer_id = r.customer_id),
                count(*) filter (where l.person_id = r.person_id),
                count(*) filter (where l.customer_id = r.customer_id and l.person_id = r.person_id)
            from judged as l inner join judged as r on l.record_id < r.record_id
            """
        ).fetchall()[0]
    assert (
        (quality["pairs_found"], quality["true_pairs"], quality["true_pairs_found"]) == (found, true, both) == (3, 2, 1)
    )
    assert quality["precision"] == pytest.approx(1 / 3)
    assert quality["recall"] == pytest.approx(1 / 2)
    assert quality["f1"] == pytest.approx(2 / 5)
    assert quality["judged_records"] == 4


def test_scores_of_nothing_are_unknown() -> None:
    assert pairwise_scores(0, 0, 0) == {"precision": None, "recall": None, "f1": None}
    assert pairwise_scores(0, 5, 0)["precision"] == 0.0


def test_links_count_strong_identifiers_and_verdicts(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table if exists identity.identity_strong_links")
        connection.execute(
            "create table identity.identity_strong_links as select * from "
            "(values ('user_id', false), ('user_id', false), ('user_id', true)) as t (identifier_type, is_over_limit)"
        )
        connection.execute(
            "create table identity.identity_edges as select * from "
            "(values ('match'), ('match'), ('too little evidence')) as t (verdict)"
        )
        links = summarize(connection)["links"]
    assert links["strong_identifiers"] == [{"link": "same user id", "pairs": 2}]
    assert links["weighed_pairs"] == [{"link": "match", "pairs": 2}, {"link": "too little evidence", "pairs": 1}]


def test_missing_tables_are_named_not_raised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    assert main(["--database", str(path), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["customers"] == {"missing": "customer_ids is not built"}
    assert main(["--database", str(path)]) == 0
    assert "Nothing is built yet" in capsys.readouterr().out


def test_missing_column_is_named_not_raised(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("alter table marts.orders drop column customer_id")
        assert "orders" in summarize(connection)["orders"]["missing"]


def test_tables_of_other_people_are_not_taken_for_those_of_the_build(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema analysis; create table analysis.orders as select 'shopify' as source_name, 'c1' as customer_id"
        )
        connection.execute(
            "alter table marts.segments rename to elsewhere; create schema own; create table own.segments as from marts.elsewhere"
        )
    with open_database(database) as connection:
        summary = summarize(connection)
    assert summary["orders"]["without_customer"] == 2
    assert [segment["label"] for segment in summary["segments"]["segments"]] == ["VIP", "Nobody"]


def test_output_holds_no_personal_data(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for flags in ([], ["--json"]):
        assert main(["--database", str(database), *flags]) == 0
        output = capsys.readouterr().out
        assert "vip" in output
        assert "secret" not in output


def test_the_screen_has_the_largest_segments_and_counts_the_others(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into marts.segments select 'segment_' || i, 'S', 1000 - i, 0.1 from range(20) as r(i)"
        )
    assert main(["--database", str(database)]) == 0
    printed = capsys.readouterr().out
    assert "segment_11" in printed
    assert "segment_12" not in printed
    assert "and 10 smaller ones in marts.segments" in printed
    assert main(["--database", str(database), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["segments"]["segments"]) == 22


def test_no_database_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="dbt build"):
        main(["--database", str(tmp_path / "absent.duckdb")])


def test_unreadable_database_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "notes.duckdb"
    path.write_text("this is no database, only a text that is long enough to be looked at by the engine" * 100)
    with pytest.raises(SystemExit, match="cannot be opened"):
        main(["--database", str(path)])


def test_bars_grow_with_the_share() -> None:
    assert bar(None) == bar(0.0) == ""
    assert bar(1.0, width=4) == "████"
    assert bar(0.5, width=4) == "██"
    assert len(bar(0.0001, width=4)) == 1
    assert bar(2.0, width=4) == "████"


def test_every_section_renders(database: Path) -> None:
    with open_database(database) as connection:
        assert render(summarize(connection)) is not None
