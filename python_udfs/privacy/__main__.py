"""Command line: python -m python_udfs.privacy <operation> [--subject ...]. See `make help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
from rich.console import Console

from python_udfs.arguments import Parser
from python_udfs.database import EncryptionError
from python_udfs.privacy.backup import BackupError, backup, restore
from python_udfs.privacy.keys import Key, SuppressionKeyError
from python_udfs.privacy.operations import Outcome, check_raw, erase_subjects, export_subject, restrict_subject
from python_udfs.privacy.raw_files import RawRewriteError
from python_udfs.privacy.readmit import readmit_subject
from python_udfs.privacy.rectify import (
    RectificationError,
    Request,
    assignments,
    rectify_subject,
    withdraw_rectification,
)
from python_udfs.privacy.retention import RetentionError, retain
from python_udfs.privacy.store import Place, compact
from python_udfs.privacy.subject import SubjectError
from python_udfs.raw.csv_files import CsvError
from python_udfs.raw.inspect import RawError
from python_udfs.raw.origin import OriginError

OF_A_SUBJECT = ("export-subject", "erase-subject", "readmit-subject", "rectify-subject", "restrict-subject")
EXPECTED = (
    SubjectError,
    SuppressionKeyError,
    RawRewriteError,
    RawError,
    CsvError,
    OriginError,
    BackupError,
    RectificationError,
    RetentionError,
    EncryptionError,
    ValueError,
    OSError,
)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(prog="python -m python_udfs.privacy", description=__doc__)
    parser.add_argument("operation", choices=[*OF_A_SUBJECT, "retain", "compact", "backup", "restore"])
    parser.add_argument("--subject", default="", help="e-mail, phone, customer id, record id, user id or device id")
    parser.add_argument("--subjects", type=Path, help="erase-subject: a file with one identifier a line")
    parser.add_argument("--set", default="", help="rectify-subject: what is right, 'attribute=value; attribute=value'")
    parser.add_argument("--wrong", default="", help="rectify-subject: the value to replace; all there are without it")
    parser.add_argument(
        "--reason",
        default="",
        help="rectify-subject: why; kept with the records until the person is erased. readmit-subject: why; kept in the log",
    )
    parser.add_argument(
        "--withdraw", default="", help="rectify-subject: the attribute of which sources' word counts again"
    )
    parser.add_argument("--backup", default="", help="restore: name of the backup, the latest without it")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    given = parser.parse_args(arguments)
    if (
        given.operation in OF_A_SUBJECT
        and not given.subject
        and not (given.subjects and given.operation == "erase-subject")
    ):
        parser.error(f"{given.operation} needs --subject (with make: SUBJECT=<any identifier>)")
    if given.operation == "readmit-subject" and not given.reason:
        parser.error("readmit-subject needs --reason (with make: REASON=<why>)")
    if given.operation == "rectify-subject" and bool(given.set) == bool(given.withdraw):
        parser.error("rectify-subject needs either --set or --withdraw (with make: SET or WITHDRAW)")
    return given


def listed(path: Path) -> list[str]:
    """The identifiers of a file, one a line.

    Raises:
        SubjectError: the file cannot be read or holds none.
    """
    try:
        texts = [line for line in path.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        raise SubjectError(
            f"{path}: cannot be read ({reason}). Give a text file with one identifier a line."
        ) from problem
    if not texts:
        raise SubjectError(f"{path}: holds no identifier. Give a text file with one identifier a line.")
    return texts


def run(given: argparse.Namespace, console: Console) -> Outcome:
    """Do what the command line says."""
    place = Place.from_environment()
    # A restore brings the raw files back; compacting follows a build, which has read them.
    if given.operation not in ("restore", "compact"):
        check_raw(place)
    with console.status(given.operation) as status:

        def tell(step: str) -> None:
            status.update(f"{given.operation}: {step}")

        if given.operation == "backup":
            return backup(place, given.dry_run, tell)
        if given.operation == "restore":
            return restore(place, given.backup, given.dry_run, tell)
        if given.operation == "retain":
            return retain(place, given.dry_run, tell)
        if given.operation == "compact":
            compact(place.database)
            return Outcome([], [])
        key = Key.from_environment()
        if given.operation == "erase-subject":
            texts = [given.subject] if given.subject else listed(given.subjects)
            return erase_subjects(place, key, texts, given.dry_run, tell)
        if given.operation == "readmit-subject":
            return readmit_subject(place, key, given.subject, given.reason, given.dry_run, tell)
        if given.operation == "rectify-subject" and given.withdraw:
            return withdraw_rectification(place, key, given.subject, given.withdraw.strip(), given.dry_run, tell)
        if given.operation == "rectify-subject":
            request = Request(assignments(given.set), given.wrong, given.reason)
            return rectify_subject(place, key, given.subject, request, given.dry_run, tell)
        operation = export_subject if given.operation == "export-subject" else restrict_subject
        return operation(place, key, given.subject, given.dry_run, tell)


def engine_message(problem: duckdb.Error) -> str:
    """What the engine says, without what it quotes: a statement holds the person's addresses and numbers."""
    if isinstance(problem, duckdb.IOException | duckdb.CatalogException):
        return str(problem).splitlines()[0]
    return f"The database could not do it ({type(problem).__name__}). What it says may quote personal data and is left out here."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run an operation and print the rows it touched, table by table; returns the exit status."""
    given = _parse(arguments)
    console = Console(stderr=True)
    try:
        outcome = run(given, console)
    except EXPECTED as problem:
        console.print("[red]error:[/red]", end=" ")
        console.print(str(problem), markup=False, highlight=False, soft_wrap=True)
        return 2
    except duckdb.Error as problem:
        console.print("[red]error:[/red]", end=" ")
        console.print(engine_message(problem), markup=False, highlight=False, soft_wrap=True)
        return 2
    for hit in outcome.hits:
        console.print(f"{hit.rows:>10,}  {hit.name}", markup=False, highlight=False)
    # What copies whole files or compacts touches no rows.
    if outcome.hits or given.operation == "retain":
        would = " would be touched (dry run)" if given.dry_run else ""
        console.print(f"{outcome.rows:>10,}  rows{would}", highlight=False)
    for message in outcome.messages:
        console.print(message, markup=False, highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
