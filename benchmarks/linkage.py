"""Run the project's own identity models on any table of people, in a throwaway database, and measure them.

    python -m benchmarks.linkage --records people.parquet --spec people.yaml [--out result.json]

The specification says which column is what, and nothing else:

    record_id: unique_id
    truth: cluster                             # optional: only used to score
    source: source                             # optional: the column that names the source system
    attributes: {given_name: first_name}       # identity attribute: input column
    extra_attributes: {occupation: occupation} # further columns worth comparing
    identifiers: {loyalty_id: card}            # strong identifiers
    comparisons: [name, birth_date]            # optional overrides of the defaults
    blocking_rules: [given+family]
    threshold: 0
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import yaml

from python_udfs.arguments import Parser
from python_udfs.identity.measures import measure_clusters

PROJECT = Path(__file__).resolve().parent.parent
ATTRIBUTES = [
    "given_name",
    "middle_name",
    "family_name",
    "full_name",
    "birth_date",
    "gender",
    "email",
    "phone",
    "street_address",
    "city",
    "region",
    "postal_code",
    "country",
]
KEYS = {
    "record_id",
    "truth",
    "source",
    "attributes",
    "extra_attributes",
    "identifiers",
    "comparisons",
    "blocking_rules",
    "threshold",
}
# Names of columns that the models make; a further attribute of that name would replace them.
COLUMNS_OF_THE_MODELS = """
    record_id record_key record_count source source_name source_system source_record_id entity is_identifiable
    company_name job_title is_email_verified created_at updated_at secondary_phone email_local house_number
    given_key given_root given_roots given_sound given_folded family_key family_sound family_folded
    birth_day street_key city_key postal_key name address prior
"""
RESERVED = {*ATTRIBUTES, *COLUMNS_OF_THE_MODELS.split()}
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")


class SpecificationError(ValueError):
    """The specification or the table does not fit; the message names the file, the key or column, and the remedy."""


@dataclass(frozen=True)
class Specification:
    """Which column of a table of people is what. See the module's description for the meaning of the fields."""

    record_id: str
    truth: str | None = None
    source: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    extra_attributes: dict[str, str] = field(default_factory=dict)
    identifiers: dict[str, str] = field(default_factory=dict)
    comparisons: list[str] = field(default_factory=list)
    blocking_rules: list[str] = field(default_factory=list)
    threshold: float | None = None

    def columns(self) -> dict[str, str]:
        """Column of the prepared table -> column of the input."""
        mapping = {"record_id": self.record_id}
        if self.source:
            mapping["source"] = self.source
        return (
            mapping
            | self.attributes
            | self.extra_attributes
            | {f"id_{name}": column for name, column in self.identifiers.items()}
        )


def read_specification(path: Path) -> Specification:
    """Read and check a specification file; raises SpecificationError naming the key that is wrong."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecificationError(f"{path}: cannot be read ({error.strerror}); give the path of a YAML file") from error
    except yaml.YAMLError as error:
        raise SpecificationError(f"{path}: is not YAML ({error}); mend the line it names") from error
    if not isinstance(content, dict):
        raise SpecificationError(f"{path}: expected keys such as 'record_id' and 'attributes' at the top")
    unknown = sorted(set(content) - KEYS)
    if unknown:
        raise SpecificationError(f"{path}: unknown key '{unknown[0]}'; known keys: {', '.join(sorted(KEYS))}")
    if not content.get("record_id"):
        raise SpecificationError(f"{path}: 'record_id' is missing; name the column that identifies a record")
    for key in ("attributes", "extra_attributes", "identifiers"):
        if not isinstance(content.get(key) or {}, dict):
            raise SpecificationError(
                f"{path}: '{key}' must map a name to an input column, such as {{given_name: first_name}}"
            )
    for key in ("comparisons", "blocking_rules"):
        if not isinstance(content.get(key) or [], list):
            raise SpecificationError(f"{path}: '{key}' must be a list, such as [name, birth_date]")
    threshold = content.get("threshold")
    if threshold is not None and (isinstance(threshold, bool) or not isinstance(threshold, int | float)):
        raise SpecificationError(f"{path}: 'threshold' must be a number of bits, such as 0 or 2.5, not {threshold!r}")
    for name in content.get("attributes") or {}:
        if name not in ATTRIBUTES:
            raise SpecificationError(f"{path}: unknown attribute '{name}'; known: {', '.join(ATTRIBUTES)}")
    for key in ("extra_attributes", "identifiers"):
        for name in content.get(key) or {}:
            if not PLAIN_NAME.fullmatch(str(name)) or name in RESERVED or str(name).startswith("id_"):
                raise SpecificationError(
                    f"{path}: '{name}' under '{key}' cannot be used; take lower case letters, digits and _, no identity attribute, "
                    "none of the names that the models use themselves, and no leading id_"
                )
    if not content.get("attributes") and not content.get("identifiers"):
        raise SpecificationError(f"{path}: 'attributes' is empty; map at least one identity attribute to a column")
    return Specification(**{key: value for key, value in content.items() if value is not None})


def read_records(path: Path) -> pa.Table:
    """Read a Parquet or CSV file of records; raises SpecificationError if it cannot be read."""
    if not path.exists():
        raise SpecificationError(f"{path}: no such file; give RECORDS=<parquet or csv>")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return pq.read_table(path)
        header = pa_csv.open_csv(path).schema.names
        return pa_csv.read_csv(
            path,
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True
            ),
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise SpecificationError(
            f"{path}: cannot be read as {path.suffix or 'a table'} ({error}); write it again"
        ) from error


def kindred_ids(table: pa.Table, specification: Specification) -> list[str]:
    """How Kindred calls the records of a table of people."""
    ids = table[specification.record_id].cast(pa.string()).to_pylist()
    sources = table[specification.source].cast(pa.string()).to_pylist() if specification.source else [None] * len(ids)
    return [
        ":".join(["people:person", *([source] if source and source != "people" else []), each])
        for source, each in zip(sources, ids, strict=True)
    ]


def prepare(table: pa.Table, specification: Specification, records: Path, folder: Path) -> None:
    """Write the records as the raw table people.person; raises SpecificationError for a missing column or a repeated record id."""
    wanted = specification.columns()
    for name, column in wanted.items() | ({("truth", specification.truth)} if specification.truth else set()):
        if column not in table.column_names:
            raise SpecificationError(
                f"{records}: no column '{column}' (wanted as '{name}'); it has {', '.join(table.column_names)}"
            )
    for column in {*wanted.values(), *([specification.truth] if specification.truth else [])}:
        if table.column_names.count(column) > 1:
            raise SpecificationError(f"{records}: there are several columns '{column}'; rename all but one")
        if pa.types.is_nested(table.schema.field(column).type):
            raise SpecificationError(f"{records}: column '{column}' holds lists or structures; give one value a record")
    ids = table[specification.record_id].cast(pa.string())
    if ids.null_count or len(ids.unique()) != len(ids):
        raise SpecificationError(
            f"{records}: column '{specification.record_id}' must be unique and not null to serve as record_id"
        )
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table({name: table[column].cast(pa.string()) for name, column in wanted.items()}), folder / "person.parquet"
    )


def variables(specification: Specification) -> dict[str, Any]:
    """The dbt variables that point the identity models at the prepared table, everything else at its default."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    switches = {name: name == "people_enabled" for name in project if name.endswith("_enabled")}
    identifiers = {name: f"id_{name}" for name in specification.identifiers}
    types = dict(project["identity_identifier_types"])
    types |= {name: {"is_strong": True, "max_records": 50} for name in identifiers if name not in types}
    chosen: dict[str, Any] = {
        **switches,
        "identity_feeds": [
            {"model": "stg_people__records", "source": "people", "entity": "person", "identifiers": identifiers}
        ],
        "identity_identifier_types": types,
        "identity_extra_attributes": list(specification.extra_attributes),
        # Records of the dead are people too.
        "birth_date_oldest_years": 0,
    }
    if specification.comparisons:
        chosen["identity_comparisons"] = specification.comparisons + list(specification.extra_attributes)
    if specification.blocking_rules:
        chosen["identity_blocking_rules"] = specification.blocking_rules
    if specification.threshold is not None:
        chosen["identity_threshold"] = specification.threshold
    return chosen


def run_models(folder: Path, chosen: dict[str, Any]) -> tuple[dict[str, float], float, float]:
    """Build the identity models; returns seconds per model, wall seconds of the command, and peak memory in MiB."""
    environment = dict(os.environ)
    environment |= {"KINDRED_DATABASE": str(folder / "linkage.duckdb"), "KINDRED_RAW": str(folder / "raw")}
    command = [
        str(Path(sys.executable).with_name("dbt")),
        "--quiet",
        "build",
        "--select",
        "+customer_ids",
        "identity_edges",
        "--resource-type",
        "model",
        "--resource-type",
        "seed",
        "--vars",
        json.dumps(chosen),
        "--target-path",
        str(folder / "target"),
        "--log-path",
        str(folder / "logs"),
        "--no-partial-parse",
    ]
    started = time.perf_counter()
    finished = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    if finished.returncode:
        raise SpecificationError("the identity models failed:\n" + (finished.stdout + finished.stderr).strip())
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    seconds = {
        r["unique_id"].split(".")[2]: round(r["execution_time"], 3)
        for r in results
        if r["unique_id"].startswith("model.")
    }
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    return seconds, wall, peak


def measure(database: Path, table: pa.Table, specification: Specification) -> dict[str, Any]:
    """Counts of the run and, with truth, its measures."""
    connection = duckdb.connect(str(database), read_only=True)

    def count(query: str) -> int:
        return int(connection.execute(query).fetchall()[0][0])

    result: dict[str, Any] = {
        "records": table.num_rows,
        "candidate_pairs": count("select count(*) from identity.identity_comparisons"),
        "scored_edges": count("select count(*) from identity.identity_scored_pairs"),
        "clusters": count("select count(distinct customer_id) from identity.customer_ids")
        + table.num_rows
        - count("select count(*) from identity.customer_ids"),
        "unidentifiable_records": table.num_rows - count("select count(*) from identity.customer_ids"),
    }
    if specification.truth:
        columns = {"source_record_id": specification.record_id, "truth": specification.truth}
        truth = pa.table({name: table[column].cast(pa.string()) for name, column in columns.items()})
        connection.register("truth", truth)
        cells = connection.execute(
            """
            with labels as (
                select
                    coalesce(ids.customer_id, 'alone ' || truth.source_record_id) as cluster,
                    coalesce(truth.truth, 'alone ' || truth.source_record_id) as entity
                from truth
                left join identity.identity_source_records as records on truth.source_record_id = records.source_record_id
                left join identity.customer_ids as ids on records.record_id = ids.record_id
            )

            select
                dense_rank() over (order by cluster) - 1 as cluster,
                dense_rank() over (order by entity) - 1 as entity,
                count(*) as records
            from labels
            group by labels.cluster, labels.entity
            """
        ).fetchnumpy()
        cluster, entity = cells["cluster"].astype(np.int64), cells["entity"].astype(np.int64)
        measures = measure_clusters(cluster, entity, cells["records"].astype(np.float64))
        result["entities"] = len(np.unique(cells["entity"]))
        result |= measures.as_dict()
    connection.close()
    return result


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = Parser(prog="benchmarks.linkage", description="Run the identity models on any table of people.")
    parser.add_argument("--records", required=True, type=Path, help="Parquet or CSV file, one row per record")
    parser.add_argument("--spec", required=True, type=Path, help="YAML file: which column is what")
    parser.add_argument("--out", type=Path, help="also write the result to this JSON file")
    options = parser.parse_args(arguments)
    try:
        specification = read_specification(options.spec)
        table = read_records(options.records)
        print(f"{table.num_rows:,} records: building the identity models ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="kindred-linkage-") as temporary:
            folder = Path(temporary)
            prepare(table, specification, options.records, folder / "raw" / "people")
            seconds, wall, peak = run_models(folder, variables(specification))
            result = measure(folder / "linkage.duckdb", table, specification)
    except SpecificationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    identity = {name: value for name, value in seconds.items() if name.startswith(("identity_", "customer_ids"))}
    result |= {
        "seconds_per_step": seconds,
        "seconds_identity": round(sum(identity.values()), 2),
        "seconds_total": round(wall, 2),
        "peak_memory_mib": round(peak, 1),
    }
    text = json.dumps(result, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
