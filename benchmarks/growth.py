"""How the time and memory of identity resolution grow with the records, and what a day's change costs.

    python -m benchmarks.growth [--sizes "250000 1000000 4000000"] [--change 0.01] [--out benchmarks/GROWTH.md]

For each size: demo data of about as many records is staged, the identity models are built from nothing, then `change` of the staged records
of each table changes (a third is deleted, a third gets another e-mail address, a third is new) and the models are run again as an
increment. Counted is the wall-clock time from the start of the first identity model to the end of the last one, with the threads and the
memory limit of the profile (KINDRED_MEMORY_LIMIT); peak memory is of the whole process.

The exponent is the slope between two sizes of the logarithm of the seconds against that of the records: 1 is linear.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.compare import (
    IDENTITY,
    BenchmarkError,
    Usage,
    dbt,
    generated_set,
    node_times,
    progress,
    run_kindred,
    stage,
)
from benchmarks.linkage import PROJECT
from python_udfs.arguments import Parser

HEADER = ["records", "customers", "s", "CPU s", "MiB", "exponent", "changed", "increment s", "share", "ids moved"]


@dataclass(frozen=True)
class Growth:
    """One size: a run from nothing and an increment.

    Attributes:
        records: records with something to compare.
        customers: customers after the full run.
        seconds: wall-clock seconds of the identity models, in the full run and in the increment.
        usage: of the whole full run.
        changed: records that the increment found new, changed or deleted.
        untouched: customers whose records are the same ones after the increment, and how many of them have another id.
    """

    records: int
    customers: int
    seconds: tuple[float, float]
    usage: Usage
    changed: int
    untouched: tuple[int, int]


def change_records(database: Path, share: float) -> None:
    """Change a share of the records of every staged table of people: the hash of the record id decides which and how."""
    bound = round(1_000_000 * share / 3)
    with duckdb.connect(str(database)) as connection:
        tables = connection.execute(
            """
            select table_name, list(column_name)
            from information_schema.columns
            where table_schema = 'staging'
            group by table_name
            having list_has_all(list(column_name), ['record_id', 'source_record_id', 'email'])
            order by table_name
            """
        ).fetchall()
        for table, columns in tables:
            drawn = "hash(record_id, '{}') % 1000000 < " + str(bound)
            new = ", ".join(
                f"concat({name}, '-new') as {name}" if name in ("record_id", "source_record_id") else name
                for name in columns
            )
            connection.execute(f"delete from staging.{table} where {drawn.format('deleted')}")
            connection.execute(f"update staging.{table} set email = concat('x', email) where {drawn.format('changed')}")
            connection.execute(
                f"insert into staging.{table} ({', '.join(columns)}) select {new} from staging.{table} where {drawn.format('new')}"
            )


def customers_of(database: Path) -> dict[str, str]:
    """A fingerprint of the records of every customer, by customer id."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return dict(
            connection.execute(
                "select customer_id, md5(string_agg(record_id, ' ' order by record_id)) from identity.customer_ids group by customer_id"
            ).fetchall()
        )


def measure(size: int, change: float, folder: Path, step: Callable[[str], None]) -> Growth:
    """Build the identity of about `size` records from nothing, then an increment."""
    step("writing the records")
    folder.mkdir(parents=True)
    chosen = generated_set(size).raw(folder)
    step("staging")
    stage(folder, chosen)
    step("identity from nothing")
    full = run_kindred(folder, chosen)
    database = folder / "kindred.duckdb"
    before = customers_of(database)
    with duckdb.connect(str(database), read_only=True) as connection:
        records = connection.execute("select count(*) from identity.identity_features").fetchall()[0][0]
    step(f"an increment of {change:.1%}")
    change_records(database, change)
    dbt(folder, chosen, "run", "--select", *IDENTITY)
    increment, _ = node_times(json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8")))
    with duckdb.connect(str(database), read_only=True) as connection:
        mode, reason, changed = connection.execute(
            "select mode, full_reason, changed_count from identity.identity_run"
        ).fetchall()[0]
    if mode != "increment":
        raise BenchmarkError(f"the second run of {size:,} records was no increment: {reason}")
    ids = {records_of: customer for customer, records_of in before.items()}
    after = [
        (ids[records_of], customer) for customer, records_of in customers_of(database).items() if records_of in ids
    ]
    moved = sum(old != new for old, new in after)
    return Growth(records, len(before), (full.seconds, increment), full.usage, changed, (len(after), moved))


def rows_of(results: list[Growth]) -> list[list[str]]:
    """The report, a row for each size."""
    rows = []
    for number, result in enumerate(results):
        slope = ""
        if number:
            smaller = results[number - 1]
            slope = (
                f"{math.log(result.seconds[0] / smaller.seconds[0]) / math.log(result.records / smaller.records):.2f}"
            )
        full, increment = result.seconds
        rows.append(
            [
                f"{result.records:,}",
                f"{result.customers:,}",
                f"{full:.1f}",
                f"{result.usage.cpu_seconds:.1f}",
                f"{result.usage.peak_mib:,.0f}",
                slope,
                f"{result.changed:,}",
                f"{increment:.1f}",
                f"{increment / full:.0%}",
                f"{result.untouched[1]:,} of {result.untouched[0]:,}",
            ]
        )
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = Parser(prog="benchmarks.growth", description="Time and memory of identity by records.")
    parser.add_argument("--sizes", default="250000 1000000 4000000", help="records, from small to large")
    parser.add_argument("--change", type=float, default=0.01, help="share of the records that the increment changes")
    parser.add_argument("--out", type=Path, default=PROJECT / "benchmarks" / "GROWTH.md", help="the report")
    parser.add_argument("--folder", type=Path, help="work here (default: a temporary folder)")
    options = parser.parse_args(arguments)
    try:
        sizes = sorted(int(size) for size in options.sizes.replace(",", " ").split())
    except ValueError:
        parser.error(f"--sizes {options.sizes}: give whole numbers, such as 250000 1000000")
    if not sizes or sizes[0] < 100:
        parser.error(f"--sizes {options.sizes}: give numbers from 100 up")
    if not 0 < options.change < 0.2:
        parser.error(
            f"--change {options.change}: give a share above 0 and below 0.2, from which on a run is a full one"
        )
    console = Console(stderr=True)
    results = []
    try:
        with (
            tempfile.TemporaryDirectory(prefix="kindred-growth-", dir=options.folder) as temporary,
            progress(console) as step,
        ):
            for size in sizes:
                place = Path(temporary) / str(size)
                results.append(measure(size, options.change, place, partial(step, f"{size:,} records")))
                shutil.rmtree(place)
    except BenchmarkError as error:
        console.print(f"error: {error}", style="bold red", markup=False, highlight=False)
        return 2
    rows = rows_of(results)
    lines = [
        "# Growth of identity resolution",
        "",
        "Made by `make benchmark-growth`. " + str(__doc__).split("\n\n", 2)[2].strip(),
        "",
    ]
    lines += [
        "| " + " | ".join(HEADER) + " |",
        "|" + "---:|" * len(HEADER),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]
    options.out.write_text("\n".join(lines), encoding="utf-8")
    table = Table(*HEADER)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
