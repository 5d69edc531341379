"""What was learned stays as it is until a run has to learn anew."""

from __future__ import annotations

from typing import Any

import duckdb


def learned_before(session: Any, table: Any, run: Any) -> Any:
    """What an earlier run has learned.

    Args:
        session: the connection that dbt hands to a Python model.
        table: the model's own table (dbt.this).
        run: relation identity_run.

    Returns:
        The table as a relation; None if this run has to learn anew or nothing was learned yet.
    """
    if bool(run.fetchnumpy()["must_train"][0]):
        return None
    try:
        return session.sql(f"select * from {table}")
    except duckdb.CatalogException:
        return None
