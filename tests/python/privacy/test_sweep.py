"""Erasing leaves destinations a key to delete by, and reaches records that were gone before."""

from __future__ import annotations

from pathlib import Path

import duckdb

from python_udfs.privacy.inventory import inventory
from python_udfs.privacy.subject import Subject
from python_udfs.privacy.sweep import ERASED, Hit, delete_rows, holds_any_of

SUBJECT = Subject(
    "c1",
    {"customer_id": {"c1"}, "email": {"ann.lee@x.org"}, "record_id": {"pos:member:7"}, "activation_id": {"k1", "k2"}},
)
TABLES = """
create schema activation; create schema identity;
create table activation.activation_email_current as
    select 'k1' as activation_id, 'c1' as customer_id, 'ann.lee@x.org' as email;
create table activation.activation_email_state as from (values
    ('k1', 'c1', 'ann.lee@x.org', 'vip', false, null, 'h1', timestamp '2025-01-01', null::timestamp, timestamp '2025-03-01'),
    ('k2', 'c1', 'ann.lee@y.org', null, true, 'no longer selected', 'h2', timestamp '2025-01-01', timestamp '2025-02-01',
        timestamp '2025-02-01'),
    ('k3', 'c2', 'bob@x.org', 'vip', false, null, 'h3', timestamp '2025-01-01', null, timestamp '2025-04-01')
) as t(activation_id, customer_id, email, segments, is_deleted, exit_reason, row_hash, entered_at, exited_at, updated_at);
create table identity.customer_id_ledger as from (values
    ('pos:member:7', 'c1', timestamp '2024-01-01'), ('pos:member:8', 'c2', null)) as t(record_id, customer_id, removed_at);
"""


def erase(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Hit]:
    return delete_rows(connection, inventory(connection), SUBJECT, None, folder)


def test_destinations_keep_a_key_marked_as_deleted_that_names_nobody(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        before = connection.execute("from activation.activation_email_state where activation_id = 'k3'").fetchall()
        hits = erase(connection, tmp_path)
        assert Hit("activation.activation_email_state", 2) in hits
        assert Hit("activation.activation_email_current", 1) in hits
        left = connection.execute(
            "select activation_id, customer_id, email, segments, is_deleted, updated_at > timestamp '2025-04-01', exited_at is not null"
            f" from activation.activation_email_state where customer_id = '{ERASED}' order by all"
        ).fetchall()
        assert left == [(key, ERASED, None, None, True, True, True) for key in ("k1", "k2")]
        assert (
            connection.execute("from activation.activation_email_state where activation_id = 'k3'").fetchall() == before
        )


def test_erasing_again_tells_destinations_nothing_new(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        erase(connection, tmp_path)
        before = connection.execute("from activation.activation_email_state order by all").fetchall()
        assert erase(connection, tmp_path) == []
        assert connection.execute("from activation.activation_email_state order by all").fetchall() == before


def test_dictionaries_keep_what_is_not_the_persons(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        connection.execute(
            """
            create schema staging;
            create table staging.stg_normalized_emails as from (values
                ('Ann.Lee@x.org', 'ann.lee@x.org', null, 'rules 1'), ('bob@x.org', 'bob@x.org', null, 'rules 1'),
                ('n/a', null, 'junk', 'rules 1')
            ) as t(raw_value, email, reason, rules_version);
            create table staging.stg_normalized_names as from (values ('LEE', 'lee', 'rules 1'), ('King', 'king', 'rules 1'))
                as t(raw_value, name, rules_version);
            create schema intermediate;
            create table intermediate.consent_strings as from (values ('CPann', '101'), ('CPbob', '101'))
                as t(consent_string, tcf_purposes);
            create table staging.stg_consent__banner_events as from (values ('pos:member:7', 'CPann'), ('pos:member:8', 'CPbob'))
                as t(record_id, tc_string);
            create table staging.stg_pos__members as from (values ('pos:member:7', 'LEE'), ('pos:member:8', 'King'))
                as t(record_id, family_name);
            """
        )
        erase(connection, tmp_path)
        emails = connection.execute("select raw_value from staging.stg_normalized_emails order by all").fetchall()
        names = connection.execute("select raw_value from staging.stg_normalized_names order by all").fetchall()
        strings = connection.execute("select consent_string from intermediate.consent_strings order by all").fetchall()
        assert (emails, names, strings) == ([("bob@x.org",), ("n/a",)], [("King",)], [("CPbob",)])


def test_record_that_was_deleted_before_leaves_the_ledger_of_ids(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        assert Hit("identity.customer_id_ledger", 1) in erase(connection, tmp_path)
        assert connection.execute("select record_id from identity.customer_id_ledger").fetchall() == [("pos:member:8",)]


def test_malformed_lines_are_theirs_in_capitals_too_but_not_where_an_address_only_ends_like_theirs() -> None:
    is_theirs = holds_any_of(SUBJECT)
    assert [
        is_theirs(text) for text in ("Ann.Lee@X.org", "of ann.lee@x.org, card", "joann.lee@x.org", "pos:member:7", "")
    ] == [
        True,
        True,
        False,
        True,
        False,
    ]
