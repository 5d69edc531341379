"""How long segments and lifetime value take for many customers: `python -m benchmarks.customers segments|lifetime --size 1000000`.

The models that are measured are the project's own, run by dbt in a database that holds made-up tables in place of everything before
them. Seconds are those that dbt measured for the models, one after the other, without its start; memory is the peak of the whole process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from benchmarks.arguments import count
from python_udfs.arguments import Parser

PROJECT = Path(__file__).resolve().parents[1]
FEATURES = PROJECT / "models" / "marts" / "segments" / "customer_features.yml"
EVALUATION = ("int_segment_declarations", "int_segment_sets")
HISTORY = ("segment_membership_history",)
PRESENT = ("segment_membership", "segment_membership_events", "segments", "segment_size_history", "segment_overlaps")
LIFETIME = (
    "int_purchase_history_counts",
    "int_spend_history_counts",
    "int_lifetime_value_fit",
    "int_lifetime_value_expectations",
    "int_lifetime_value_scores",
    "lifetime_value_parameters",
    "customer_lifetime_value",
)
# What a column of words holds in customer_features, where a segment asks for it.
WORDS = {
    "lifecycle_stage": ["prospect", "new", "active", "at_risk", "lapsed", "reactivated"],
    "rfm_segment": [
        "champion", "loyal", "potential_loyalist", "promising", "need_attention", "about_to_sleep", "at_risk", "cannot_lose",
        "hibernating",
    ],
    "country": ["US", "DE", "FR", "GB", "NL", "PL"],
}  # fmt: skip
# Share of the customers that something happens to in a day; everybody is a day older.
DAILY_SHARE = 0.03
BG_NBD = (0.243, 30.9, 0.793, 2.426)
GAMMA_GAMMA = (6.25, 3.74, 15.45)
LONGEST_DAYS = 700


@dataclass(frozen=True)
class Measured:
    """Seconds of each model, and the peak memory of the run in MiB."""

    seconds: dict[str, float]
    peak_mib: float

    def total(self, *models: str) -> float:
        """Seconds of some of the models; of all without names."""
        return sum(self.seconds[model] for model in models or self.seconds)


def feature_expression(name: str, data_type: str, salt: str) -> str:
    """A value that depends on the number of the customer `i` and on `salt` alone; every tenth number and word is missing."""
    drawn = f"hash(i, '{name}', {salt})"
    if data_type == "boolean":
        return f"{drawn} % 4 = 0"
    if name in WORDS:
        listed = ", ".join(f"'{word}'" for word in WORDS[name])
        return f"list_extract([{listed}], 1 + cast({drawn} % {len(WORDS[name])} as integer))"
    value = f"'word ' || {drawn} % 50" if data_type == "varchar" else f"{drawn} % 400"
    if data_type == "double":
        value = f"{drawn} % 10000 / 10000"
    return f"case when {drawn} // 7 % 10 > 0 then cast({value} as {data_type}) end"


def make_features(connection: duckdb.DuckDBPyConnection, size: int, day: int) -> None:
    """customer_features of a day: some customers have done something since the day before, all are a day older."""
    columns = yaml.safe_load(FEATURES.read_text(encoding="utf-8"))["models"][0]["columns"]
    # The day on which something last happened to a customer.
    salt = f"cast(hash(i) % {round(1 / DAILY_SHARE)} < {day} as integer)"
    chosen = [
        f"{feature_expression(column['name'], column['data_type'], salt)}"
        f"{f' + {day}' if column['name'].startswith('days_since') else ''} as {column['name']}"
        for column in columns
        if column["name"] != "customer_id"
    ]
    connection.execute("create schema if not exists marts")
    connection.execute("create schema if not exists identity")
    connection.execute(
        "create or replace table marts.customer_features as"
        f" select 'c' || substr(md5(cast(i as varchar)), 1, 16) as customer_id, {', '.join(chosen)} from range({size}) as r(i)"
    )
    connection.execute(
        f"create or replace table marts.as_of_time as select timestamp '2025-06-30 12:00:00' + to_days({day}) as as_of_at"
    )
    connection.execute(
        "create table if not exists identity.customer_id_redirects (old_customer_id varchar, current_customer_id varchar)"
    )


def simulate_purchases(size: int, generator: np.random.Generator) -> tuple[npt.NDArray[np.float64], ...]:
    """Purchases as the BG/NBD model has them (Fader, Hardie, Lee 2005): repeat purchases, recency and age in days, shape (size,) each."""
    r, alpha, a, b = BG_NBD
    rate, leaving = generator.gamma(r, 1 / alpha, size), generator.beta(a, b, size)
    age = np.floor(generator.uniform(1, LONGEST_DAYS, size))
    purchases, recency, now = np.zeros(size), np.zeros(size), np.zeros(size)
    buying = np.arange(size)
    while len(buying):
        now[buying] += generator.exponential(1, len(buying)) / np.maximum(rate[buying], 1e-12)
        buying = buying[now[buying] <= age[buying]]
        purchases[buying] += 1
        recency[buying] = np.ceil(now[buying])
        buying = buying[generator.uniform(size=len(buying)) >= leaving[buying]]
    return purchases, recency, age


def make_histories(connection: duckdb.DuckDBPyConnection, size: int) -> None:
    """int_lifetime_value_histories with both scopes, and the customers it is about."""
    generator = np.random.default_rng(7)
    p, q, v = GAMMA_GAMMA
    scopes = []
    for scope in ("full", "holdout"):
        purchases, recency, age = simulate_purchases(size, generator)
        some = np.maximum(purchases, 1)
        value = generator.gamma(p * some, 1 / (generator.gamma(q, 1 / v, size) * some))
        scopes.append(
            pd.DataFrame(
                {"scope": scope, "number": np.arange(size), "x": purchases, "tx": recency, "t": age, "value": value}
            )
        )
    connection.register("simulated", pd.concat(scopes, ignore_index=True))
    connection.execute("create schema if not exists intermediate")
    connection.execute("create schema if not exists marts")
    connection.execute("create table marts.customers as select distinct 'c' || number as customer_id from simulated")
    connection.execute(
        "create table intermediate.int_lifetime_value_histories as select scope, 'c' || number as customer_id,"
        " cast(x as bigint) as repeat_purchases, cast(tx as bigint) as recency_days, cast(t as bigint) as age_days,"
        " cast(case when x > 0 then greatest(value, 0.01) end as decimal(18, 2)) as mean_repeat_value,"
        " cast(0 as bigint) as previous_purchases, cast(0 as decimal(18, 2)) as previous_revenue,"
        " cast(0 as bigint) as later_purchases, cast(0 as decimal(18, 2)) as later_revenue from simulated"
    )


def run_models(folder: Path, database: Path, models: tuple[str, ...]) -> Measured:
    """Run models by dbt, in a process of their own.

    Raises:
        RuntimeError: dbt failed; the message is what it said.
    """
    usage, target = folder / "usage.json", folder / "target"
    dbt = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "run", "--select", *models]
    command = [sys.executable, "-m", "benchmarks.measured", str(usage), *dbt]
    done = subprocess.run(
        [*command, "--target-path", str(target), "--log-path", str(folder / "logs")],
        cwd=PROJECT,
        env={**os.environ, "KINDRED_DATABASE": str(database), "KINDRED_RAW": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    seconds = {result["unique_id"].split(".")[-1]: float(result["execution_time"]) for result in results}
    return Measured(
        {model: seconds[model] for model in models}, json.loads(usage.read_text(encoding="utf-8"))["peak_mib"]
    )


def measure_segments(size: int, folder: Path) -> dict[str, float]:
    """Seconds and memory of the first build, of the same day again, and of the next day."""
    database = folder / "segments.duckdb"
    models = (*EVALUATION, *HISTORY, *PRESENT)
    runs = {}
    for name, day in (("build", 0), ("same day again", 0), ("next day", 1)):
        with duckdb.connect(str(database)) as connection:
            make_features(connection, size, day)
        runs[name] = run_models(folder, database, models)
    with duckdb.connect(str(database), read_only=True) as connection:
        counted = connection.execute(
            "select (select count(*) from marts.segments), (select count(*) from marts.segment_membership),"
            " (select count(*) from marts.segment_membership_history where noticed_at > timestamp '2025-06-30 12:00:00')"
        ).fetchall()[0]
    told: dict[str, float] = dict(
        zip(("segments", "memberships", "stays begun or ended next day"), counted, strict=True)
    )
    for name, run in runs.items():
        told[f"{name}: evaluate, s"] = run.total(*EVALUATION)
        told[f"{name}: history, s"] = run.total(*HISTORY)
        told[f"{name}: tables read from it, s"] = run.total(*PRESENT)
        told[f"{name}: all, s"] = run.total()
        told[f"{name}: peak memory, MiB"] = run.peak_mib
    own = (*EVALUATION, *HISTORY)
    told["next day / build, evaluation and history"] = runs["next day"].total(*own) / runs["build"].total(*own)
    told["next day / build, all"] = runs["next day"].total() / runs["build"].total()
    return told


def measure_lifetime(size: int, folder: Path) -> dict[str, float]:
    """Seconds and memory of fitting and scoring, for the present and for the hold-out, and how near the fit is."""
    database = folder / "lifetime.duckdb"
    with duckdb.connect(str(database)) as connection:
        make_histories(connection, size)
    run = run_models(folder, database, LIFETIME)
    told = {f"{model}, s": seconds for model, seconds in run.seconds.items()}
    told["fitted and scored, s"] = run.total()
    told["peak memory, MiB"] = run.peak_mib
    with duckdb.connect(str(database), read_only=True) as connection:
        names = ("r", "alpha_days", "a", "b", "p", "q", "v")
        fitted = connection.execute(
            f"select {', '.join(names)} from marts.lifetime_value_parameters where scope = 'full'"
        ).fetchall()[0]
        scored = connection.execute(
            "select count(*) from marts.customer_lifetime_value where lifetime_value is not null"
        )
        told["customers scored"] = scored.fetchall()[0][0]
    for name, value, true in zip(names, fitted, (*BG_NBD, *GAMMA_GAMMA), strict=True):
        told[f"{name} (made with {true})"] = value
    return told


PARTS = {"segments": measure_segments, "lifetime": measure_lifetime}


def main(arguments: list[str] | None = None) -> int:
    """Measure one part and print it; returns the exit status."""
    parser = Parser(prog="python -m benchmarks.customers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--size", type=count, default=1_000_000, help="number of customers")
    parser.add_argument("--out", type=Path, help="also write the figures to this JSON file")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="kindred-benchmark-") as folder:
        told = PARTS[options.part](options.size, Path(folder))
    print(f"{options.part}, {options.size:,} customers")
    for name, value in told.items():
        print(f"  {name:<44}{value:>14,.3f}" if isinstance(value, float) else f"  {name:<44}{value:>14,}")
    if options.out:
        options.out.write_text(json.dumps({"size": options.size, **told}, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
