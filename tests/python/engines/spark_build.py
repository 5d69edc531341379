"""One company built twice, by DuckDB and by Spark: `python -m tests.python.engines.spark_build <folder>` leaves both builds in a folder.

Spark gets the raw tables as DuckDB reads them, the way a warehouse has them. What is learned from samples, it takes over: which pairs are
drawn is a matter of the engine's own hashes, so that weights learned by each would differ, and with them everything that rests on them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from tests.python.engines.spark_project import PROJECT, dbt_options, spark_session

PEOPLE = 250
#: What is learned from samples: taken over from DuckDB, not built.
LEARNED = ("identity_match_weights", "identity_blocking_rules")
#: What is built: all seeds, all of staging, and the linkage from the records to the clusters.
LAYERS = ("resource_type:seed", "path:models/staging", "+identity_clusters")
CHOSEN = ("--select", *LAYERS, "--exclude-resource-type", "test", "unit_test")


def build_on_duckdb(folder: Path) -> None:
    """Demo data and their build by DuckDB, and every raw table of it as Parquet."""
    environment = {**os.environ, "KINDRED_DATABASE": str(folder / "duckdb.duckdb"), "KINDRED_RAW": str(folder / "raw")}
    demo = ["-m", "python_udfs.demo", "--people", str(PEOPLE), "--seed", "7", "--out", str(folder / "raw")]
    written = ["--target-path", str(folder / "duckdb"), "--log-path", str(folder / "duckdb")]
    build = ["-m", "dbt.cli.main", "build", "--quiet", *CHOSEN, "--profiles-dir", str(PROJECT), *written]
    for command in (demo, build):
        subprocess.run([sys.executable, *command], cwd=PROJECT, env=environment, check=True)
    with duckdb.connect(str(folder / "duckdb.duckdb"), read_only=True) as database:
        views = database.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
        tables = database.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        raw = {path.parent.name for path in (folder / "raw").glob("*/*")}
        for schema, name in [*views, *tables]:
            if schema in raw or name in LEARNED:
                (folder / "tables" / schema).mkdir(parents=True, exist_ok=True)
                target = folder / "tables" / schema / f"{name}.parquet"
                database.execute(f'copy (select * from "{schema}"."{name}") to \'{target}\' (format parquet)')


def build_on_spark(folder: Path) -> dict[str, str]:
    """The same raw tables built by Spark: what became of each seed and model, 'success' or why not."""
    session = spark_session(folder)
    for path in sorted((folder / "tables").glob("*/*.parquet")):
        session.sql(f"create database if not exists `{path.parent.name}`")
        session.sql(f"create table `{path.parent.name}`.`{path.stem}` using parquet location '{path}'")
    built = dbtRunner().invoke(["build", *CHOSEN, "--exclude", *LEARNED, *dbt_options(folder, threads=2)])
    if built.result is None or not getattr(built.result, "results", None):
        raise RuntimeError(f"dbt could not begin to build on Spark: {built.exception}")
    return {
        each.node.name: "success" if each.status == "success" else f"{each.status}: {each.message}"
        for each in built.result.results
        if each.node.resource_type in ("model", "seed")
    }


def comparable(column: str, kind: str) -> str:
    """An expression for a column in which the same value of both engines is the same text; fractions count to their ninth digit."""
    name = f'"{column}"'
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        number = f"cast({name} as double)"
        return f"case when {number} = 0 then '0' else cast(round({number}, 8 - cast(floor(log10(abs({number}))) as int)) as varchar) end"
    if kind.startswith("TIMESTAMP"):
        return f"cast(cast({name} as timestamp) as varchar)"
    if kind.endswith("[]"):
        return f"cast(list_sort({name}) as varchar)"
    return f"cast({name} as varchar)"


def differences(folder: Path) -> dict[str, list[str]]:
    """The tables of both builds, each with the columns whose values differ; none where all rows are the same.

    A table that is missing on Spark differs in 'all'; one whose rows differ although each column has the same values, in 'rows'.
    """
    found = {}
    built = json.loads((folder / "spark.json").read_text(encoding="utf-8"))
    with duckdb.connect() as engine:
        engine.execute(f"set TimeZone = 'UTC'; attach '{folder / 'duckdb.duckdb'}' as reference (read_only)")
        for schema, name in engine.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'reference'"
        ).fetchall():
            if name not in built:
                continue
            files = folder / "warehouse" / f"{schema}.db" / name / "*.parquet"
            if not list(files.parent.glob("*.parquet")):
                # A table without rows has no files either.
                rows = engine.execute(f'select 1 from reference."{schema}"."{name}" limit 1').fetchall()
                found[name] = ["all"] if rows or built[name] != "success" else []
                continue
            kinds, sides = [], {"mine": f'reference."{schema}"."{name}"', "theirs": f"read_parquet('{files}')"}
            for side, source in sides.items():
                described = engine.execute(f"describe select * from {source}").fetchall()
                kinds.append(sorted(row[0] for row in described))
                columns = ", ".join(f'{comparable(row[0], row[1])} as "{row[0]}"' for row in sorted(described))
                engine.execute(f"create or replace temp table {side} as select {columns} from {source}")
            if kinds[0] != kinds[1]:
                found[name] = sorted(set(kinds[0]) ^ set(kinds[1]))
                continue
            differing = [each for each in kinds[0] if _differ(engine, f'"{each}"')]
            found[name] = differing or (["rows"] if _differ(engine, "*") else [])
    return found


def _differ(engine: duckdb.DuckDBPyConnection, columns: str) -> bool:
    """Whether the tables `mine` and `theirs` have other values in these columns, or another number of the same."""
    sides = [("mine", "theirs"), ("theirs", "mine")]
    queries = [f"select {columns} from {one} except all select {columns} from {other} limit 1" for one, other in sides]
    return any(engine.execute(query).fetchall() for query in queries)


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    build_on_duckdb(folder)
    (folder / "spark.json").write_text(json.dumps(build_on_spark(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
