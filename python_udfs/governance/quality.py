"""What is behind a stop by the data quality test, in words: which columns are beyond which limits, and which settings decide."""

from __future__ import annotations

from pathlib import Path

import duckdb

from python_udfs.database import EncryptionError, connect

# dbt's name of the test that stops a build (models/marts/governance/data_quality_daily.yml).
QUALITY_TEST = "data_quality_does_not_fail"
_SHARES = {"completeness": "rows with a value", "validity": "usable values", "uniqueness": "different values"}

_FAILED = """
    select
        quality.source_name || '.' || quality.table_name || '.' || quality.column_name as place,
        quality.failed_checks,
        quality.completeness,
        quality.validity,
        quality.uniqueness,
        quality.age_days as freshness,
        quality.drift,
        limits.completeness_fail,
        limits.validity_fail,
        limits.uniqueness_fail,
        limits.freshness_fail,
        limits.drift_fail,
        reasons.reason,
        coalesce(reasons.is_phone, false) as is_phone
    from governance.data_quality_daily as quality
    left join intermediate.int_column_profiles as limits using (source_name, table_name, column_name)
    left join (
        select source_name, table_name, column_name, max_by(reason, value_count) as reason, bool_or(reason like '%phone%') as is_phone
        from governance.rejected_values
        where reason <> 'rounded to hundredths'
        group by all
    ) as reasons using (source_name, table_name, column_name)
    where quality.status = 'fail' and quality.measured_on = (select max(measured_on) from governance.data_quality_daily)
    order by quality.source_name, quality.table_name, quality.column_name
"""


def _told(check: str, measured: float | None, limit: float | None, reason: str | None) -> str:
    """One check of a column in words."""
    if measured is None or limit is None:
        return f"{check} is beyond its limit"
    if check == "freshness":
        return f"freshness: the latest value is {measured:,.0f} days old, the limit is {limit:,.0f}"
    if check == "drift":
        return f"drift: {measured:.1%} from the days before, the limit is {limit:.1%}"
    found = f"{check}: {measured:.1%} {_SHARES.get(check, '')}, the limit is {limit:.1%}"
    return f"{found} (mostly: {reason})" if check == "validity" and reason else found


def failed_quality(connection: duckdb.DuckDBPyConnection) -> str:
    """The columns that stop the build, a line each, and what to do; an empty text where none does."""
    result = connection.execute(_FAILED)
    names = [column[0] for column in result.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    if not rows:
        return ""
    lines = [f"{len(rows)} column{'s' if len(rows) > 1 else ''} of raw tables cannot be trusted (data_quality_daily):"]
    for row in rows:
        checks = [
            _told(check, row.get(check), row.get(f"{check}_fail"), row["reason"])
            for check in str(row["failed_checks"]).split()
        ]
        lines.append(f"  {row['place']}: {'; '.join(checks)}")
    if any("validity" in row["failed_checks"] and row["is_phone"] for row in rows):
        lines.append("Phone numbers without a country are read as those of default_country in dbt_project.yml: set it.")
    lines.append("Mend the data, or set limits of these columns in data_quality_thresholds in dbt_project.yml.")
    return "\n".join(lines)


def quality_of(database: Path) -> str:
    """The same of a database file; an empty text where it cannot be read or was never built so far."""
    if not database.exists():
        return ""
    try:
        with connect(database) as connection:
            return failed_quality(connection)
    except (duckdb.Error, EncryptionError):
        return ""
