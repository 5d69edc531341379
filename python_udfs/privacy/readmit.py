"""Let somebody in again who was erased: for what is observed from now on, and for nothing of before."""

from __future__ import annotations

import datetime
import re

import duckdb

from python_udfs.privacy.journal import Erasure, Readmission, append, erasures_of, read_journal, suppressed_hashes
from python_udfs.privacy.keys import Key
from python_udfs.privacy.operations import Outcome, Progress, opened
from python_udfs.privacy.store import TABLES, Entry, Place, write_log
from python_udfs.privacy.subject import SubjectError, has_table, possible_forms
from python_udfs.privacy.sweep import quiet

# What names a person whichever system it stands in; a system's own number may be several people's.
_NAMING = ("email", "phone", "user_id", "device", "loyalty_card", "record_id", "customer_id")
_ADDRESS = re.compile(r"[^\s@]@[^\s@]")


def erased_by(erasures: list[Erasure], key: Key, text: str) -> list[Erasure]:
    """The erasures of whoever had an identifier, which is read as all that it may be."""
    forms = possible_forms(text)
    hashes = {(kind, key.hash(kind, form)) for kind in _NAMING for form in forms}
    return [erasure for erasure in erasures if any(each in erasure.hashes.get(kind, ()) for kind, each in hashes)]


def readmit_subject(
    place: Place, key: Key, text: str, reason: str, is_dry_run: bool = False, tell: Progress = quiet
) -> Outcome:
    """Let a person who was erased in again, by all identifiers that were remembered.

    Rows of raw files that were left out stay out, and so do rows of later files that were observed before now or at no known time.

    Raises:
        SubjectError: nobody was erased by this identifier, or who was is let in already; no reason is given, or it names the person.
    """
    if not reason.strip():
        raise SubjectError("Say why this person is let in again: the reason stays in the log.")
    journal = read_journal(place.database)
    suppressed_hashes(journal, key)
    found = erased_by(erasures_of(journal), key, text)
    if not found:
        raise SubjectError(
            "Nobody was erased by this identifier. Give an e-mail address, a phone number in international form, a user id, a device id, "
            "a customer id or a record id that the person had."
        )
    if _ADDRESS.search(reason) or any(form.lower() in reason.lower() for form in possible_forms(text)):
        raise SubjectError("The reason names the person. It stays in the log: give the number of the case or the form.")
    let_in = {erasure for entry in journal if isinstance(entry, Readmission) for erasure in entry.erasures}
    open_erasures = [erasure for erasure in found if erasure.operation_id not in let_in]
    if not open_erasures:
        raise SubjectError("Who was erased by this identifier is let in again already.")
    ids = [erasure.operation_id for erasure in open_erasures]
    tell("journal of erasures")
    with opened(place) as connection:
        entry = Entry.start("readmit-subject", _subject_hash(connection, ids), is_dry_run)
        connection.execute(TABLES)
        if not is_dry_run:
            append(place.database, Readmission(entry.operation_id, entry.started_at.isoformat(), key.fingerprint, ids))
        write_log(connection, entry, 0, 0, reason=reason.strip())
    days = ", ".join(datetime.datetime.fromisoformat(erasure.erased_at).date().isoformat() for erasure in open_erasures)
    whom = f"who was erased on {days}" if len(ids) == 1 else f"of {len(ids)} erasures ({days})"
    if is_dry_run:
        return Outcome([], [f"Would let in again {whom}, with what is observed from now on."])
    return Outcome(
        [],
        [
            f"Let in again {whom}: with what is observed from {entry.started_at:%Y-%m-%d %H:%M:%S} UTC on. "
            "What was left out until now stays out, and nothing is permitted but what the person permits from now on."
        ],
    )


def _subject_hash(connection: duckdb.DuckDBPyConnection, erasures: list[str]) -> str | None:
    """How the log names the person of some erasures; None where the log does not reach back so far."""
    if not has_table(connection, "privacy", "operations_log"):
        return None
    rows = connection.execute(
        "select max(subject_hash) from privacy.operations_log where list_contains(?, operation_id)", [erasures]
    ).fetchall()
    return str(rows[0][0]) if rows and rows[0][0] is not None else None
