"""Build the project with visible progress: `python -m python_udfs.build [arguments of dbt build]`.

One database holds one company's history: ledgers of consent and segments are never dropped by a rebuild. So the database remembers
which raw data it was built from, and data from elsewhere is not mixed into it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

ORIGIN_SUFFIX = ".origin"
DEMO_MARKER = "demo.txt"


class OriginError(RuntimeError):
    """The database was built from other raw data; the message says which and what to do."""


def origin_of(raw: Path) -> str:
    """What identifies raw data: the parameters of demo data, else the folder."""
    marker = raw / DEMO_MARKER
    return f"demo {marker.read_text(encoding='utf-8').strip()}" if marker.exists() else f"folder {raw.resolve()}"


def claim_database(database: Path, raw: Path) -> str | None:
    """Tie the database to its raw data.

    A database of other demo data is removed, since demo data can be made again; any other is never touched.

    Returns:
        A sentence about what was done, or None.

    Raises:
        OriginError: the database belongs to other raw data.
    """
    record = database.with_name(database.name + ORIGIN_SUFFIX)
    origin = origin_of(raw)
    message = None
    if database.exists() and record.exists():
        before = record.read_text(encoding="utf-8")
        if before != origin and before.startswith("demo "):
            for leftover in (database, database.with_name(database.name + ".wal")):
                leftover.unlink(missing_ok=True)
            message = "The database held other demo data and was started anew."
        elif before != origin:
            raise OriginError(
                f"{database} was built from {before.removeprefix('folder ')}, not from {raw}. "
                "Set KINDRED_DATABASE to another file, or remove this one if its history is not needed."
            )
    database.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(origin, encoding="utf-8")
    return message


class BuildProgress:
    """Shows each node that finishes, and keeps what failed."""

    def __init__(self, progress: Progress) -> None:
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
        elif name in ("RunResultError", "RunResultFailure", "MainEncounteredError", "CheckNodeTestFailure"):
            self.failures.append(str(event.info.msg))
        elif event.info.level == "error":
            self.failures.append(str(event.info.msg))


def _short(description: str) -> str:
    words = description.replace("sql ", "").replace("python ", "").split()
    return " ".join(words)[-60:]


def main(arguments: list[str] | None = None) -> int:
    """Run dbt build; returns the exit status."""
    console = Console(stderr=True)
    database = Path(os.environ.get("KINDRED_DATABASE", "data/kindred.duckdb"))
    raw = Path(os.environ.get("KINDRED_RAW", "data/raw"))
    if not raw.is_dir():
        console.print(f"[red]error:[/red] no raw data: the folder {raw} does not exist. Set RAW to a folder with <source>/<table>.parquet files.")
        return 2
    try:
        message = claim_database(database, raw)
    except OriginError as error:
        console.print(f"[red]error:[/red] {error}")
        return 2
    if message:
        console.print(message)
    started = time.perf_counter()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        watcher = BuildProgress(progress)
        result = dbtRunner(callbacks=[watcher]).invoke(
            ["--quiet", "--no-print", "build", "--exclude-resource-type", "unit_test", *(arguments if arguments is not None else sys.argv[1:])]
        )
    seconds = time.perf_counter() - started
    if not result.success:
        for failure in watcher.failures:
            console.print(failure, markup=False, highlight=False)
        if result.exception is not None and not watcher.failures:
            console.print(f"[red]error:[/red] {result.exception}", highlight=False)
        console.print(f"[red]The build failed after {seconds:.0f} s.[/red] Details are in logs/dbt.log.")
        return 1
    console.print(f"Built in {seconds:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
