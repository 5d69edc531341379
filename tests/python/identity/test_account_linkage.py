"""The ledger of account ids."""

from __future__ import annotations

import pyarrow as pa

from python_udfs.identity.accounts import account_id_of, account_ledger


def clusters(*groups: str) -> pa.Table:
    """One cluster per text, one record per letter."""
    rows = [(record, number) for number, group in enumerate(groups) for record in group]
    return pa.table(
        {
            "account_record_id": pa.array([record for record, _ in rows], pa.string()),
            "cluster_key": pa.array([number for _, number in rows], pa.int32()),
        }
    )


def current(ledger: pa.Table) -> dict[str, str]:
    """The account of every record that is there."""
    return {row["account_record_id"]: row["account_id"] for row in ledger.to_pylist() if row["is_current"]}


def test_first_id_is_derived_from_the_first_record_in_any_order() -> None:
    ledger = account_ledger(clusters("ba", "c"), None)
    assert current(ledger) == {"a": account_id_of("a"), "b": account_id_of("a"), "c": account_id_of("c")}
    assert ledger.equals(account_ledger(clusters("c", "ab"), None))


def test_id_goes_where_most_records_go_and_the_rest_gets_one_that_was_never_used() -> None:
    first = account_ledger(clusters("abc", "d"), None)
    then = account_ledger(clusters("a", "bc", "d"), first)
    ids = current(then)
    assert ids["b"] == ids["c"] == account_id_of("a")
    assert ids["a"] == account_id_of("a", 2)
    assert ids["d"] == account_id_of("d")
    again = account_ledger(clusters("abc", "d"), then)
    assert set(current(again).values()) == {account_id_of("a"), account_id_of("d")}


def test_merged_account_keeps_the_oldest_id_among_equals() -> None:
    first = account_ledger(clusters("b"), None)
    second = account_ledger(clusters("b", "a"), first)
    assert set(current(account_ledger(clusters("ab"), second)).values()) == {account_id_of("b")}


def test_record_that_was_gone_finds_its_account_again() -> None:
    first = account_ledger(clusters("ab", "c"), None)
    gone = account_ledger(clusters("c"), first)
    assert current(gone) == {"c": account_id_of("c")}
    assert current(account_ledger(clusters("bz", "c"), gone)) == {
        "b": account_id_of("a"),
        "z": account_id_of("a"),
        "c": account_id_of("c"),
    }


def test_no_records_no_accounts() -> None:
    assert account_ledger(clusters(), None).num_rows == 0
