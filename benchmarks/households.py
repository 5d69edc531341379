"""How right the households are: build them for people of known households, and measure how many of the pairs live together.

    python -m benchmarks.households [--sets demo_7,demo_42,demo_3,families,one_city] [--people 2000]

`families` has families at one address with one landline and one mailbox; in `one_city` everybody lives alone, many at one door, so that
none of its pairs is right. A pair of customers who are one person in truth, not linked, is counted apart: it is neither right nor wrong.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.arguments import count
from benchmarks.linkage import Specification, kindred_ids
from benchmarks.populations import POPULATIONS
from benchmarks.robustness import Input, Runner, demo_input, population_input
from python_udfs.arguments import Parser

_DEMO_TRUTH = """
    select records.record_id, records.person_id, people.household_id
    from staging.stg_truth__person_records as records
    inner join staging.stg_truth__people as people on records.person_id = people.person_id
"""


def household_input(name: str, people: int) -> Input:
    """A set by name, with its truth as a query giving record_id, person_id, household_id."""
    kind, _, seed = name.partition("_")
    if kind == "demo":
        return replace(demo_input(people, int(seed)), truth=_DEMO_TRUTH)
    source = population_input(name, people, 1)
    return replace(
        source,
        write=partial(_write_population, source, name, people),
        truth="select * from read_parquet('{folder}/households.parquet')",
    )


def _write_population(source: Input, name: str, people: int, folder: Path) -> None:
    source.write(folder)
    table = POPULATIONS[name](people, 1)
    truth = {
        "record_id": kindred_ids(table, Specification("record_id", source="source")),
        "person_id": table["truth"],
        "household_id": table["household"],
    }
    pq.write_table(pa.table(truth), folder / "households.parquet")


def measure(database: Path, truth: str) -> tuple[int, int, int, int]:
    """Pairs in households: all, right ones, pairs of one person; and the pairs that true households of known customers have.

    A customer is the person most of whose records it has.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            f"""
            with counted as (
                select ids.customer_id, truth.person_id, truth.household_id, count(*) as records
                from ({truth}) as truth
                inner join identity.customer_ids as ids on truth.record_id = ids.record_id
                group by all
            ),

            people as (
                select customer_id, person_id, household_id from counted
                qualify row_number() over (partition by customer_id order by records desc, person_id) = 1
            ),

            pairs as (
                select l.person_id = r.person_id as is_one_person, l.household_id = r.household_id as is_right
                from marts.customer_relationships as pairs
                inner join people as l on pairs.left_customer_id = l.customer_id
                inner join people as r on pairs.right_customer_id = r.customer_id
                where pairs.relationship_type = 'household'
            ),

            sizes as (
                select count(distinct person_id) as members from people group by household_id
            )

            select
                (select count(*) from pairs),
                (select count(*) from pairs where is_right and not is_one_person),
                (select count(*) from pairs where is_one_person),
                (select coalesce(sum(members * (members - 1) / 2), 0) from sizes)
            """
        ).fetchall()
    found, right, same, true_pairs = rows[0]
    return int(found), int(right), int(same), int(true_pairs)


def main(arguments: list[str] | None = None) -> int:
    """Print one line per set."""
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default="demo_7,demo_42,demo_3,families,one_city")
    parser.add_argument("--people", type=count, default=2_000)
    options = parser.parse_args(arguments)
    sets = options.sets.split(",")
    for each in sets:
        if each not in POPULATIONS and not re.fullmatch(r"demo_\d+", each):
            parser.error(f"unknown set '{each}'; known: demo_<seed>, {', '.join(POPULATIONS)}")
    print(f"{'set':<12} {'pairs':>7} {'precision':>9} {'recall':>7} {'one person':>10}")
    with tempfile.TemporaryDirectory(prefix="kindred-households-") as name:
        runner = Runner(Path(name))
        for each in sets:
            source = household_input(each, options.people)
            database = runner.stage(source)
            select = ["--select", "+customer_relationships", "stg_truth__people", "stg_truth__person_records"]
            database.rename(runner.folder / "linkage.duckdb")
            manifest = runner.manifest(source.variables)
            runner.invoke(
                ["build", *select, "--resource-type", "model", "--resource-type", "seed"], source.variables, manifest
            )
            truth = source.truth.format(folder=runner.folder / source.name)
            found, right, same, true_pairs = measure(runner.folder / "linkage.duckdb", truth)
            judged = found - same
            print(
                f"{each:<12} {found:>7,} {right / judged if judged else float('nan'):>9.3f}"
                f" {right / true_pairs if true_pairs else float('nan'):>7.3f} {same:>10,}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
