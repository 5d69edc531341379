"""Build the project with visible progress: `python -m python_udfs.build [arguments of dbt build]`.

One database holds one company's history: ledgers of consent and segments are never dropped by a rebuild. So the
database remembers which raw data it was built from, and data from elsewhere is not mixed into it.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import duckdb
from dbt.cli.main import dbtRunner
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from python_udfs.database import (
    BUILTIN_WARNING,
    CATALOG,
    ENCRYPTED_TARGET,
    EncryptionError,
    accepts_builtin,
    attach,
    check_encryption,
    is_encrypted,
    wants_encryption,
    workspace,
)
from python_udfs.governance.quality import QUALITY_TEST, quality_of
from python_udfs.privacy.journal import journal_path
from python_udfs.raw.inspect import EXTENSIONS
from python_udfs.raw.origin import FOLDER, RAW_VARIABLE, OriginError, origin_of, raw_setting, read_origin, write_origin
from python_udfs.segments.declarations import closest, unknown_model
from python_udfs.segments.failure import SEGMENTS_MODEL, failing_segments_of

DATABASE = "data/kindred.duckdb"
# What went wrong is told once, here; dbt keeps its own account in its log file.
QUIETLY = ("--log-level", "none", "--log-level-file", "debug", "--no-print")


# Events that only developers of dbt can read; they are in its log file.
STACK_TRACES = ("MainStackTrace", "LogDebugStackTrace")
# What the raw files and the macros of the project have to say.
NOTICES = ("Note", "JinjaLogWarning")
# dbt's own head lines, and where in its macros it was: no use to someone whose file is broken.
_NOISE = re.compile(
    r"^\s*(Encountered an error( while running operation: \w+ Error( in .*)?|:)|> (in|called by) .*|Compilation Error in operation .*)\s*$"
    # What follows on the same line is all that is said.
    r"|^Encountered an error while running operation: ",
    re.MULTILINE,
)
# Where a var is missing, dbt prints all the others.
_MISSING_VAR = re.compile(r"Required var '(\w+)' not found in config:\s*Vars supplied to .*? = (\{.*\})", re.DOTALL)
# Two builds that began together: each has looked at the file before the other took it.
_LOCKED = re.compile(
    r'(?:IO Error: )?Could not set lock on file "(.+?)": Conflicting lock is held in .*?(?:\((PID \d+)\).*)?$',
    re.MULTILINE,
)
_COLORS = re.compile(r"\x1b\[[0-9;]*m")


class RawFolderError(RuntimeError):
    """The raw folder is not there or holds no tables; the message says which and what to do."""


class DatabaseError(RuntimeError):
    """The database file cannot be written to; the message says why and what to do."""


def check_raw_folder(raw: Path) -> None:
    """See that the folder holds raw tables at all: otherwise a mistyped folder would build an empty platform.

    Raises:
        RawFolderError: no such folder, or no table in any folder of a source.
    """
    wanted = "Set RAW to a folder with <source>/<table>.parquet or .csv files, such as shopify/customer.csv."
    if not raw.is_dir():
        raise RawFolderError(f"no raw data: the folder {raw} does not exist. {wanted}")
    if not any(path.suffix.lower() in EXTENSIONS for path in raw.glob("*/*")):
        raise RawFolderError(f"no raw data: the folder {raw} holds no tables in folders of sources. {wanted}")


def check_database(database: Path) -> None:
    """See that an existing database can be opened for writing, and that it can be encrypted if it is to be.

    Raises:
        DatabaseError: another program holds it, the file is no DuckDB database, or it is encrypted and the target is not.
        EncryptionError: the target is the encrypted one and the key is missing or wrong, or the file is not encrypted.
    """
    if wants_encryption():
        with workspace(database) as connection:
            check_encryption(connection)
    elif is_encrypted(database):
        raise DatabaseError(
            f"{database} is encrypted: build it with TARGET={ENCRYPTED_TARGET}, or set KINDRED_DATABASE to another file."
        )
    if not database.exists():
        return
    try:
        if wants_encryption():
            with workspace(database) as connection:
                attach(connection, database, CATALOG)
        else:
            duckdb.connect(str(database)).close()
    except duckdb.Error as problem:
        reason = str(problem).splitlines()[0]
        raise DatabaseError(
            f"{database}: cannot be written to ({reason}). "
            "Close the program that uses it, or set KINDRED_DATABASE to another file."
        ) from problem


def claim_database(database: Path, raw: Path | None) -> str | None:
    """Tie the database to its raw data.

    A database of other demo data is removed, since demo data can be made again; any other is never touched.

    Args:
        database: The DuckDB file, there or not.
        raw: The raw folder; None where the raw tables are in the database already.

    Returns:
        A sentence about what was done, or None.

    Raises:
        OriginError: the database belongs to other raw data.
    """
    origin = origin_of(raw)
    message = None
    known = read_origin(database) if database.exists() else None
    if known:
        before, folder = known
        # Where database and folder have moved together, the folder is the same under another name.
        is_moved = before.startswith(FOLDER) and origin == f"{FOLDER}{folder}"
        is_same = before == origin or is_moved
        if not is_same and before.startswith("demo "):
            for leftover in (database, database.with_name(database.name + ".wal"), journal_path(database)):
                leftover.unlink(missing_ok=True)
            message = "The database held other demo data and was started anew."
        elif not is_same:
            raise OriginError(
                f"{database} was built from {before.removeprefix(FOLDER)}, not from {origin.removeprefix(FOLDER)}. "
                "Set KINDRED_DATABASE to another file, or remove this one if its history is not needed."
            )
    database.parent.mkdir(parents=True, exist_ok=True)
    write_origin(database, raw)
    return message


class BuildProgress:
    """Shows each node that finishes and what is to be noticed, and keeps what failed."""

    def __init__(self, progress: Progress) -> None:
        """Show on `progress`, in a task of its own."""
        self._progress = progress
        self._task = progress.add_task("Reading the project", total=None)
        self.failures: list[str] = []

    def __call__(self, event: Any) -> None:
        """Take one dbt event."""
        name = event.info.name
        if name == "LogStartLine":
            self._progress.update(self._task, description=_short(event.data.description), total=event.data.total)
        elif name == "NodeFinished":
            self._progress.advance(self._task)
        elif name in NOTICES and event.info.level == "warn":
            self._progress.console.print(f"notice: {event.info.msg}", markup=False, highlight=False, soft_wrap=True)
        elif event.info.level == "error" and name not in STACK_TRACES:
            self.failures.append(str(event.info.msg))


def _missing_var(told: re.Match[str]) -> str:
    """A missing var, with the one that was probably meant to be it."""
    misspelt = closest(told[1], ", ".join(re.findall(r'"(\w+)":', told[2])))
    return f"'{told[1]}' is missing among the vars of dbt_project.yml" + (
        f"; is '{misspelt}' meant to be it?" if misspelt else "."
    )


def _locked(told: re.Match[str]) -> str:
    """The file that another program holds, and what to do."""
    holder = f"another program ({told[2]})" if told[2] else "another program"
    return f"{told[1]}: {holder} uses it, such as another build. Wait until it has ended, or close it, and build again."


def readable(failure: str) -> str:
    """A failure as dbt tells it, without colours, dbt's head lines and its macro stack."""
    plain = _LOCKED.sub(_locked, _NOISE.sub("", _COLORS.sub("", failure)))
    lines = _MISSING_VAR.sub(_missing_var, plain).splitlines()
    return unknown_model(textwrap.dedent("\n".join(line.rstrip() for line in lines if line.strip())), ".")


def failed_nodes(result: Any) -> list[str]:
    """What failed in a finished run, one message a node, with the node's name and file; empty if it never began."""
    failures = []
    for node in getattr(result, "results", None) or []:
        if node.status in ("error", "fail", "runtime error"):
            message = str(node.message or node.status)
            if node.node.name == QUALITY_TEST:
                message = quality_of(Path(os.environ.get("KINDRED_DATABASE", DATABASE))) or message
            if node.node.name == SEGMENTS_MODEL:
                message = failing_segments_of(Path(os.environ.get("KINDRED_DATABASE", DATABASE)), ".") or message
            where = f"{node.node.resource_type} {node.node.name} ({node.node.original_file_path})"
            failures.append(message if node.node.name in message else f"{where}: {message}")
    return failures


def warned_tests(result: Any) -> list[str]:
    """What a finished run warns of, one message a test: what it means, and the command that shows the rows behind it.

    The command keeps the rows, which may be personal, out of dbt's log file.
    """
    target = "encrypted_readonly" if wants_encryption() else "readonly"
    warned = [node for node in getattr(result, "results", None) or [] if node.status == "warn"]
    return [
        f"{node.node.name}: {node.failures} rows. {' '.join((node.node.description or '').split())}\n"
        f"  Show them: .venv/bin/dbt --log-level-file none show --target {target} --limit -1 --output json"
        f" --select {node.node.name}"
        for node in warned
    ]


def _short(description: str) -> str:
    words = description.replace("sql ", "").replace("python ", "").split()
    return " ".join(words)[-60:]


def print_error(console: Console, message: str) -> None:
    """Print an error unwrapped, so that paths can be copied."""
    console.print("[red]error:[/red]", end=" ")
    console.print(message, markup=False, highlight=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Run dbt build; returns the exit status."""
    console = Console(stderr=True)
    database = Path(os.environ.get("KINDRED_DATABASE", DATABASE))
    setting = raw_setting(database)
    raw = Path(setting) if setting else None
    # The profile, which dbt reads, has it from the environment.
    os.environ[RAW_VARIABLE] = setting
    try:
        if raw is not None:
            check_raw_folder(raw)
        check_database(database)
        message = claim_database(database, raw)
    except (RawFolderError, DatabaseError, EncryptionError, OriginError) as error:
        print_error(console, str(error))
        return 2
    if message:
        console.print(message)
    if wants_encryption() and accepts_builtin():
        console.print(BUILTIN_WARNING, style="yellow", soft_wrap=True)
    started = time.perf_counter()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        watcher = BuildProgress(progress)
        result = dbtRunner(callbacks=[watcher]).invoke(
            [
                *QUIETLY,
                "build",
                "--exclude-resource-type",
                "unit_test",
                *(sys.argv[1:] if arguments is None else arguments),
            ]
        )
    seconds = time.perf_counter() - started
    if not result.success:
        failures = failed_nodes(result.result) or watcher.failures or [str(result.exception)]
        for failure in dict.fromkeys(readable(failure) for failure in failures):
            print_error(console, failure)
        console.print(f"The build failed after {seconds:.0f} s. Details are in logs/dbt.log.", style="red")
        return 1
    warnings = warned_tests(result.result)
    console.print(f"Built in {seconds:.0f} s." + (f" Warnings of tests: {len(warnings)}" if warnings else ""))
    for warning in warnings:
        console.print(f"warning: {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
