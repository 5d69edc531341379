"""The guard test of the activation tables must fail when somebody without permission is in one."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import jinja2
import pytest

PROJECT = Path(__file__).resolve().parents[3]
GUARD = PROJECT / "tests" / "activation_email_audience_is_permitted.sql"
MACROS = PROJECT / "macros" / "activation" / "activation.sql"


def guard_sql() -> str:
    """The guard as SQL over tables that carry the models' own names."""
    template = MACROS.read_text(encoding="utf-8") + GUARD.read_text(encoding="utf-8")
    return jinja2.Environment().from_string(template).render(ref=lambda name: name)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A permitted address in the audience, and what consent says about it and about others of the same customer."""
    with duckdb.connect() as con:
        con.execute(
            "create table activation_email_audience (activation_id varchar, customer_id varchar, email varchar)"
        )
        con.execute(
            "create table consent_status (customer_id varchar, identifier_type varchar, identifier varchar, "
            "purpose_code varchar, channel varchar, status varchar, is_permitted boolean, rule_applied varchar)"
        )
        con.execute("insert into activation_email_audience values ('1', 'c1', 'yes@example.com')")
        con.execute(
            """
            insert into consent_status values
                ('c1', 'email', 'yes@example.com', 'marketing', 'email', 'granted', true, 'rule_2_latest'),
                ('c1', 'email', 'no@example.com', 'marketing', 'email', 'withdrawn', false, 'rule_2_latest'),
                ('c1', 'email', 'service@example.com', 'service', 'email', 'granted', true, 'rule_8_default'),
                ('c1', 'phone', '+12025550123', 'marketing', 'sms', 'granted', true, 'rule_2_latest'),
                ('c1', 'person', 'c1', 'advertising', 'any', 'granted', true, 'rule_2_latest')
            """
        )
        yield con


def test_guard_passes_when_every_address_is_permitted(connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.execute(guard_sql()).fetchall() == []


@pytest.mark.parametrize(
    ("customer_id", "address", "status"),
    [
        ("c1", "no@example.com", "withdrawn"),
        ("c1", "unknown@example.com", "no status"),
        ("c1", "service@example.com", "no status"),
        ("c1", "+12025550123", "no status"),
        ("c1", "c1", "no status"),
        ("c2", "yes@example.com", "no status"),
    ],
    ids=[
        "refused",
        "never asked",
        "other purpose",
        "other channel",
        "person-level purpose",
        "another customer's permission",
    ],
)
def test_guard_fails_on_a_planted_row(
    connection: duckdb.DuckDBPyConnection, customer_id: str, address: str, status: str
) -> None:
    connection.execute("insert into activation_email_audience values ('planted', ?, ?)", [customer_id, address])
    rows = connection.execute(guard_sql()).fetchall()
    assert [(row[0], row[3]) for row in rows] == [("planted", status)]


def test_guard_fails_when_a_permission_is_withdrawn_after_the_build(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "update consent_status set is_permitted = false, status = 'objected' where identifier = 'yes@example.com'"
    )
    assert len(connection.execute(guard_sql()).fetchall()) == 1
