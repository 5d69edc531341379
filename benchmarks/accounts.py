"""How right the accounts are: link companies of known truth, as HubSpot, Salesforce and an enrichment provider write them, and measure it.

    python -m benchmarks.accounts [--companies 1500] [--seeds 1,2,3]

The companies are those of the demo data, without the people: legal forms left out or written otherwise, typing errors, several domains,
free mailboxes in place of a domain, extensions of a switchboard, moved companies, the same name in other towns, subsidiaries with their
parent's name, domain, switchboard or address, and duplicates inside each CRM tool.
"""

from __future__ import annotations

import datetime
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks.arguments import count, seeds
from benchmarks.robustness import Runner
from python_udfs.arguments import Parser
from python_udfs.demo.arrays import pick
from python_udfs.demo.companies import draw_companies
from python_udfs.demo.company_records import company_tables
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.generate import Request
from python_udfs.demo.population import Block
from python_udfs.demo.writer import RawWriter
from python_udfs.identity.measures import ClusterMeasures, measure_clusters

UNUSED = ("shopify", "zendesk", "klaviyo", "segment", "pos", "survey", "reviews", "consent", "thirdparty", "people")


def write_companies(companies: int, seed: int, out: Path) -> None:
    """Write the raw tables of so many companies and their truth."""
    rng = np.random.default_rng(seed)
    block = Block(0, companies, 0, 1)
    country = pick(rng, [each.weight for each in COUNTRIES], companies)
    firms = draw_companies(rng, block, country, companies)
    window = Request(companies, seed, out, datetime.date(2026, 6, 30)).window()
    with RawWriter(out) as writer:
        for name, table in company_tables(rng, firms, block, window).items():
            writer.add(name, table)


def build(runner: Runner, variables: dict[str, Any] | None = None) -> Path:
    """Build the accounts from the raw tables of the runner's folder; returns the database."""
    chosen = {f"{source}_enabled": False for source in UNUSED} | (variables or {})
    select = [
        "--select",
        "+account_ids",
        "stg_truth__account_records",
        "--resource-type",
        "model",
        "--resource-type",
        "seed",
    ]
    runner.invoke(["build", *select], chosen, runner.manifest(chosen))
    return runner.folder / "linkage.duckdb"


def measure(database: Path) -> tuple[int, ClusterMeasures]:
    """Compare the accounts with the truth: the number of company records, and pairwise precision, recall and F1."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            """
            select
                dense_rank() over (order by account_id) - 1 as cluster,
                dense_rank() over (order by company_id) - 1 as entity,
                count(*) as records
            from marts.account_ids as ids
            inner join staging.stg_truth__account_records as truth on ids.account_record_id = truth.account_record_id
            group by account_id, company_id
            """
        ).fetchnumpy()
    records = rows["records"].astype(np.float64)
    measures = measure_clusters(rows["cluster"].astype(np.int64), rows["entity"].astype(np.int64), records)
    return int(records.sum()), measures


def main(arguments: list[str] | None = None) -> int:
    """Print one line per seed."""
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--companies", type=count, default=1_500)
    parser.add_argument("--seeds", type=seeds, default="1,2,3")
    options = parser.parse_args(arguments)
    print(f"{'seed':>6} {'records':>8} {'F1':>7} {'prec.':>7} {'recall':>7} {'sec.':>6}")
    with tempfile.TemporaryDirectory(prefix="kindred-accounts-") as name:
        runner = Runner(Path(name))
        for seed in options.seeds:
            shutil.rmtree(runner.folder / "raw", ignore_errors=True)
            (runner.folder / "linkage.duckdb").unlink(missing_ok=True)
            write_companies(options.companies, seed, runner.folder / "raw")
            started = time.perf_counter()
            records, found = measure(build(runner))
            seconds = time.perf_counter() - started
            print(
                f"{seed:>6} {records:>8,} {found.f1:>7.4f} {found.precision:>7.4f} {found.recall:>7.4f} {seconds:>6.1f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
