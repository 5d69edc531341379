"""A stop by the data quality test says which columns are beyond which limits, and which setting reads phone numbers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from python_udfs.build import failed_nodes


def finished(database: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is told of a run in which the test failed on this database."""
    monkeypatch.setenv("KINDRED_DATABASE", str(database))
    test = SimpleNamespace(
        name="data_quality_does_not_fail", resource_type="test", original_file_path="models/data_quality_daily.yml"
    )
    node = SimpleNamespace(status="fail", message="Got 3 results, configured to fail if != 0", node=test)
    return failed_nodes(SimpleNamespace(results=[node]))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with a failing phone number, a failing clock, a good column and a failure of an earlier day."""
    path = tmp_path / "kindred.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            create schema governance;
            create schema intermediate;
            create table governance.data_quality_daily as
            select
                cast(day as date) as measured_on, 'zendesk' as source_name, 'user' as table_name, name as column_name,
                1.0::double as completeness, validity::double as validity, null::double as uniqueness,
                age::double as age_days, 0.0::double as drift, status, checks as failed_checks
            from (values
                ('2025-03-31', 'phone', 0.123, null, 'fail', 'validity'),
                ('2025-03-31', 'synced', 1.0, 4000, 'fail', 'freshness'),
                ('2025-03-31', 'email', 0.7, null, 'warn', 'validity'),
                ('2025-03-30', 'name', 0.1, null, 'fail', 'validity')
            ) as days (day, name, validity, age, status, checks);
            create table intermediate.int_column_profiles as
            select
                source_name, table_name, column_name, null::double as completeness_fail, 0.2::double as validity_fail,
                null::double as uniqueness_fail, 3650::double as freshness_fail, 0.6::double as drift_fail
            from governance.data_quality_daily;
            create table governance.rejected_values as
            select 'zendesk' as source_name, 'user' as table_name, 'phone' as column_name, reason, value_count
            from (values ('junk', 90), ('not a valid phone number', 80)) as reasons (reason, value_count);
        """)
    return path


def test_the_failing_columns_are_told_with_share_and_limit(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [told] = finished(database, monkeypatch)
    assert told.splitlines() == [
        "test data_quality_does_not_fail (models/data_quality_daily.yml): "
        "2 columns of raw tables cannot be trusted (data_quality_daily):",
        "  zendesk.user.phone: validity: 12.3% usable values, the limit is 20.0% (mostly: junk)",
        "  zendesk.user.synced: freshness: the latest value is 4,000 days old, the limit is 3,650",
        "Phone numbers without a country are read as those of default_country in dbt_project.yml: set it.",
        "Mend the data, or set limits of these columns in data_quality_thresholds in dbt_project.yml.",
    ]


def test_without_a_phone_number_no_country_is_named(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from governance.data_quality_daily where column_name = 'phone'")
    [told] = finished(database, monkeypatch)
    assert "1 column of raw tables" in told
    assert "default_country" not in told


def test_without_the_table_the_message_is_dbts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [told] = finished(tmp_path / "empty.duckdb", monkeypatch)
    assert told.endswith("Got 3 results, configured to fail if != 0")
