"""Seconds that the export of one person takes, for several customers of a built database.

    python -m benchmarks.export [--folder data/benchmark] [--count 9]

Each export is a command of its own, as a privacy officer gives it, its start included. `make benchmark-build` leaves such a database.
The customers are drawn by hash, the same for each run; the one with the most records and the one with the most events come last: for them
there is most to find.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.build import PROJECT
from python_udfs.arguments import Parser
from python_udfs.database import connect
from python_udfs.privacy.keys import KEY_VARIABLE


def chosen(database: Path, count: int) -> list[tuple[str, int]]:
    """Customer ids and their number of records: some drawn by hash, then the one with the most records and the one with the most events."""
    query = """
        (select customer_id, record_count from marts.customers order by md5(customer_id) limit ?)
        union all
        (select customer_id, record_count from marts.customers order by record_count desc, customer_id limit 1)
        union all
        (
            select customers.customer_id, customers.record_count
            from marts.events inner join marts.customers using (customer_id)
            group by all order by count(*) desc, customers.customer_id limit 1
        )
    """
    connection = connect(database, read_only=True)
    try:
        return [(str(customer), int(records)) for customer, records in connection.execute(query, [count]).fetchall()]
    finally:
        connection.close()


def export_seconds(folder: Path, customer_id: str) -> tuple[float, int]:
    """Seconds of the command that exports a customer, and the rows it found.

    Raises:
        subprocess.CalledProcessError: the export failed.
    """
    with tempfile.TemporaryDirectory(prefix="kindred-benchmark-") as exports:
        settings = {
            KEY_VARIABLE: os.environ.get(KEY_VARIABLE, "a key that only this benchmark uses"),
            "KINDRED_DATABASE": str(folder / "kindred.duckdb"),
            "KINDRED_RAW": str(folder / "raw"),
            "KINDRED_EXPORTS": exports,
        }
        command = [sys.executable, "-m", "python_udfs.privacy", "export-subject", "--subject", customer_id]
        started = time.perf_counter()
        subprocess.run(command, cwd=PROJECT, env={**os.environ, **settings}, check=True, capture_output=True)
        seconds = time.perf_counter() - started
        (path,) = Path(exports).glob("subject-*.json")
        document = json.loads(path.read_text(encoding="utf-8"))
    return seconds, sum(len(table["rows"]) for table in document["tables"])


def main(arguments: list[str] | None = None) -> int:
    """Export and print; returns the exit status."""
    parser = Parser(prog="python -m benchmarks.export", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--folder", type=Path, default=PROJECT / "data" / "benchmark", help="where data and database are"
    )
    parser.add_argument("--count", type=int, default=9, help="how many customers are drawn")
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    if not (folder / "kindred.duckdb").is_file():
        print(f"{folder} holds no kindred.duckdb; make benchmark-build leaves one in data/benchmark.", file=sys.stderr)
        return 2
    print(f"{'records':>8}{'rows':>8}{'seconds':>9}")
    taken = []
    for customer_id, records in chosen(folder / "kindred.duckdb", options.count):
        seconds, rows = export_seconds(folder, customer_id)
        taken.append(seconds)
        print(f"{records:>8}{rows:>8,}{seconds:>9.1f}", flush=True)
    print(f"{'median':>16}{statistics.median(taken):>9.1f}\n{'longest':>16}{max(taken):>9.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
