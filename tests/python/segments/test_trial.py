"""Conditions of segments are refused for what they say, not for what a text of a customer might say."""

from __future__ import annotations

import json

import pytest

from python_udfs.segments.trial import first_refused

COLUMNS = {"order_count": "integer", "country": "varchar", "job_title": "varchar", "seen": "timestamp", "ok": "boolean"}


def refused(condition: str, key: str = "predicate") -> str:
    """Why a predicate or a query is refused; an empty text where it is not."""
    tables = {"customer_features": COLUMNS, "orders": {"customer_id": "varchar", "units": "integer"}}
    trials = [{"segment": "tried", "key": key, "sql": condition}]
    answer = first_refused(json.dumps({"tables": tables, "models": ["orders", "customers"], "trials": trials}))
    return str(json.loads(answer)["problem"]) if answer else ""


@pytest.mark.parametrize(
    "predicate",
    [
        "job_title::date > date '2025-01-01'",
        "cast(job_title as timestamp) > seen",
        "cast(lower(job_title) as decimal(9, 2)) > 3",
        "cast(job_title as date) > date '2025-01-01' and cast(country as integer) > 5",
        "job_title = seen",
        "try_cast(job_title as integer) > 3 or country in ('FR', 'DE')",
        "order_count / 0 > 1",
        "order_count > '1'",
    ],
)
def test_a_text_may_say_a_day_or_a_number(predicate: str) -> None:
    assert refused(predicate) == ""


@pytest.mark.parametrize(
    ("predicate", "complaint"),
    [
        ("order_count > 'abc'", "Could not convert string 'abc'"),
        ("country is not null and order_count > 'abc'", "Could not convert string 'abc'"),
        ("order_count > 'abc' and cast(job_title as date) > date '2025-01-01'", "Could not convert string 'abc'"),
        ("cast(country as integer) > 3 or ok = 'maybe'", "Could not convert string 'maybe'"),
        ("seen > '2025-13-01'", "out of range"),
        ("job_title > 5", "explicit cast is required"),
        ("country", "it gives a text"),
        ("order_count > (3", "the predicate is no condition"),
    ],
)
def test_a_literal_of_another_type_is_refused(predicate: str, complaint: str) -> None:
    assert complaint in refused(predicate)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("select customer_id from models.orders", ""),
        ("select orders.customer_id from models.orders where units > 3", ""),
        ("with customers as (from models.orders) select customer_id from customers", ""),
        ("select customer_id from lists.orders", ""),  # A table that others keep.
        ("select customer_id from campaign_list", ""),
        ("select customer_id from orders", "reads orders, a model, by its bare name; write {ref:orders}."),
        ("select customer_id from models.orders inner join Customers using (customer_id)", "write {ref:customers}"),
    ],
)
def test_a_model_is_read_by_reference(query: str, complaint: str) -> None:
    said = refused(query, "sql")
    assert complaint in said and bool(said) == bool(complaint)
