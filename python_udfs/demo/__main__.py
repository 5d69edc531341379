"""Command line: python -m python_udfs.demo --people N --seed S --out data/raw [--day K] [--until DATE]."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from python_udfs.arguments import Parser
from python_udfs.demo.generate import Request, generate


def _people(value: str) -> int:
    try:
        number = int(value.replace("_", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number; give one such as 10000") from None
    if not 1 <= number <= 50_000_000:
        raise argparse.ArgumentTypeError(f"{value}: give at least 1 and at most 50000000 people")
    return number


def _day(value: str) -> int:
    if not value.isdigit() or int(value) > 9_999:
        raise argparse.ArgumentTypeError(f"{value!r} is not a day; 0 writes the base, 1 to 9999 the K-th day after it")
    return int(value)


def _date(value: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not a date; write it as 2026-06-30") from None


def parse(arguments: list[str] | None = None) -> Request:
    """Read the command line; exits with a message that says what to do if it is wrong."""
    parser = Parser(
        prog="python -m python_udfs.demo",
        description="Write demo data: one population seen by many systems, with the truth beside it.",
    )
    parser.add_argument("--people", type=_people, default=10_000, help="number of people (default 10000)")
    parser.add_argument(
        "--seed", type=int, default=7, help="same people, seed and date give the same bytes (default 7)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(os.environ.get("KINDRED_RAW", "data/raw")),
        help="folder of the raw layer (default $KINDRED_RAW or data/raw)",
    )
    parser.add_argument(
        "--until", type=_date, default=datetime.date(2026, 6, 30), help="last day of the base (default 2026-06-30)"
    )
    parser.add_argument(
        "--day", type=_day, default=0, help="write only what is new or changed on the K-th day after the base"
    )
    given = parser.parse_args(arguments)
    if given.seed < 0:
        parser.error(f"--seed {given.seed}: give a whole number from 0 up")
    try:
        given.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--out {given.out}: {error.strerror}; name a folder that can be written")
    if not os.access(given.out, os.W_OK):
        parser.error(f"--out {given.out}: no permission to write; name another folder or change its mode")
    return Request(given.people, given.seed, given.out, given.until, given.day)


def main(arguments: list[str] | None = None) -> int:
    """Run the generator and print the rows written."""
    request = parse(arguments)
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (
            TextColumn("demo data"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} blocks"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("blocks", total=None)
            rows = generate(request, lambda done, total: bar.update(task, completed=done, total=total))
    else:
        rows = generate(request)
    width = max(len(name) for name in rows)
    print(f"{request.out}: {sum(rows.values()):,} rows" + (f" of day {request.day}" if request.day else ""))
    for name, count in rows.items():
        print(f"  {name:<{width}}  {count:>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
