"""Link a table of people with Splink, and write its edges, its clusters and the seconds of each step.

    .venv-benchmark/bin/python -m benchmarks.splink_peer --specification febrl3 --records people.parquet --out folder

Every specification is data, so that it can be read and checked without Splink. Those of historical_50k, febrl3 and febrl4 say what
Splink's documentation publishes for these sets; where soc_sec_id is left out, so are the rules and the comparison that need it. The one for
customers says what it publishes for people with e-mail addresses, with telephone and postal code added. What is timed is training,
prediction and clustering, not starting Python, reading the file, or writing the result.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

# A rule is the columns on which two records must agree, or a condition on the records l and r.
Rule = tuple[str, ...] | str
PUBLISHED_THRESHOLD = 0.95


@dataclass(frozen=True)
class Comparison:
    """One ready comparison of Splink: its class, its positional and named arguments, and whether values are weighted by frequency."""

    kind: str
    columns: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    more: tuple[Any, ...] = ()
    by_frequency: bool = False


@dataclass(frozen=True)
class PeerSpecification:
    """What Splink is told about a table.

    Attributes:
        title: how the specification is called in the report.
        blocking: rules whose pairs are predicted.
        comparisons: what is compared.
        certain: rules that find next to nothing but matches, for the share of matches among all pairs.
        certain_recall: share of the matches that these rules are taken to find.
        training: rules whose pairs the m probabilities are trained on, one run of expectation maximization each.
        max_pairs: random pairs that the u probabilities are estimated from.
        seed: of the random pairs.
        floor: pairs with a smaller match probability are not kept; None keeps all.
        derived: further columns, name to SQL expression.
        sources: column that tells two tables apart which are linked with each other and hold nobody twice.
        identifiers: columns whose equal values link two records outright, before clustering.
    """

    title: str
    blocking: tuple[Rule, ...]
    comparisons: tuple[Comparison, ...]
    certain: tuple[Rule, ...]
    certain_recall: float
    training: tuple[tuple[str, ...], ...]
    max_pairs: float
    seed: int | None = None
    floor: float | None = None
    derived: dict[str, str] = field(default_factory=dict)
    sources: str | None = None
    identifiers: tuple[str, ...] = ()


HISTORICAL = PeerSpecification(
    title="as published",
    blocking=(
        ("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
        ("surname", "dob"),
        ("first_name", "dob"),
        ("postcode_fake", "first_name"),
        ("postcode_fake", "surname"),
        ("dob", "birth_place"),
        ("substr(postcode_fake, 1, 3)", "dob"),
        ("substr(postcode_fake, 1, 3)", "first_name"),
        ("substr(postcode_fake, 1, 3)", "surname"),
        ("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
    ),
    comparisons=(
        Comparison(
            "ForenameSurnameComparison",
            ("first_name", "surname"),
            {"forename_surname_concat_col_name": "both_names"},
        ),
        Comparison("DateOfBirthComparison", ("dob",), {"input_is_string": True}),
        Comparison("PostcodeComparison", ("postcode_fake",)),
        Comparison("ExactMatch", ("birth_place",), by_frequency=True),
        Comparison("ExactMatch", ("occupation",), by_frequency=True),
    ),
    certain=(
        ("first_name", "surname", "dob"),
        ("substr(first_name, 1, 2)", "surname", "substr(postcode_fake, 1, 2)"),
        ("dob", "postcode_fake"),
    ),
    certain_recall=0.6,
    training=(("first_name", "surname"), ("dob",)),
    max_pairs=1e7,
    derived={"both_names": "first_name || ' ' || surname"},
)

FEBRL3 = PeerSpecification(
    title="as published, without soc_sec_id",
    blocking=(("given_name",), ("surname",), ("date_of_birth",), ("postcode",)),
    comparisons=(
        Comparison("NameComparison", ("given_name",)),
        Comparison("NameComparison", ("surname",)),
        Comparison("DateOfBirthComparison", ("date_of_birth",), {"input_is_string": True, "datetime_format": "%Y%m%d"}),
        Comparison("ExactMatch", ("street_number",), by_frequency=True),
        Comparison("ExactMatch", ("postcode",), by_frequency=True),
    ),
    certain=(
        ("given_name", "surname", "date_of_birth"),
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
    ),
    certain_recall=0.9,
    training=(("date_of_birth",), ("postcode",)),
    max_pairs=1e6,
    seed=2,
    floor=0.01,
)

FEBRL4 = PeerSpecification(
    title="as published, without soc_sec_id",
    blocking=(
        ("given_name", "surname"),
        "l.given_name = r.surname and l.surname = r.given_name",
        ("date_of_birth",),
        ("state", "address_1"),
        ("street_number", "address_1"),
        ("postcode",),
    ),
    comparisons=(
        Comparison("NameComparison", ("given_name",), by_frequency=True),
        Comparison("NameComparison", ("surname",), by_frequency=True),
        Comparison(
            "DateOfBirthComparison",
            ("date_of_birth",),
            {"input_is_string": True, "datetime_format": "%Y%m%d", "invalid_dates_as_null": True},
        ),
        Comparison("ExactMatch", ("street_number",), by_frequency=True),
        Comparison("DamerauLevenshteinAtThresholds", ("postcode",), more=([1, 2],), by_frequency=True),
    ),
    certain=(("given_name", "surname", "date_of_birth"),),
    certain_recall=0.8,
    training=(("date_of_birth",), ("postcode",)),
    max_pairs=1e6,
    floor=0.01,
    sources="source",
)

# The street and the suburb stand in for the evidence that soc_sec_id would have been.
ADDRESS = (
    Comparison("JaroWinklerAtThresholds", ("address_1",), more=([0.9, 0.7],), by_frequency=True),
    Comparison("JaroWinklerAtThresholds", ("suburb",), more=([0.9, 0.7],), by_frequency=True),
)

CUSTOMERS = PeerSpecification(
    title="customer specification",
    blocking=(
        ("email",),
        ("phone",),
        ("given_name", "family_name", "postal_code"),
        ("given_name", "birth_date"),
        ("family_name", "birth_date"),
        ("family_name", "postal_code"),
        ("given_name", "postal_code"),
    ),
    comparisons=(
        Comparison(
            "ForenameSurnameComparison",
            ("given_name", "family_name"),
            {"forename_surname_concat_col_name": "both_names"},
        ),
        Comparison("DateOfBirthComparison", ("birth_date",), {"input_is_string": False}),
        Comparison("EmailComparison", ("email",)),
        Comparison("ExactMatch", ("phone",), by_frequency=True),
        Comparison("PostcodeComparison", ("postal_code",)),
        Comparison("ExactMatch", ("gender",)),
    ),
    certain=(("given_name", "family_name", "birth_date"), ("given_name", "email"), ("given_name", "phone")),
    certain_recall=0.6,
    training=(("given_name", "family_name"), ("email",)),
    max_pairs=1e6,
    seed=5,
    floor=0.01,
    derived={"both_names": "given_name || ' ' || family_name"},
)

SPECIFICATIONS: dict[str, PeerSpecification] = {
    "historical_50k": HISTORICAL,
    "febrl3": FEBRL3,
    "febrl3_address": replace(FEBRL3, title="address added", comparisons=FEBRL3.comparisons + ADDRESS),
    "febrl4": FEBRL4,
    "febrl4_address": replace(FEBRL4, title="address added", comparisons=FEBRL4.comparisons + ADDRESS),
    "generated": CUSTOMERS,
    "generated_identifiers": replace(
        CUSTOMERS,
        title="customer specification and identifiers",
        identifiers=("user_id", "loyalty_card", "salesforce_contact_id"),
    ),
}


def rule(given: Rule) -> Any:
    """A blocking rule as Splink takes it."""
    from splink import block_on

    return given if isinstance(given, str) else block_on(*given)


def comparison(given: Comparison) -> Any:
    """A comparison as Splink takes it."""
    import splink.comparison_library as library

    made = getattr(library, given.kind)(*given.columns, *given.more, **given.options)
    return made.configure(term_frequency_adjustments=True) if given.by_frequency else made


def settings(specification: PeerSpecification) -> Any:
    """The settings object of a specification."""
    from splink import SettingsCreator

    return SettingsCreator(
        link_type="link_only" if specification.sources else "dedupe_only",
        unique_id_column_name="record_id",
        blocking_rules_to_generate_predictions=[rule(given) for given in specification.blocking],
        comparisons=[comparison(given) for given in specification.comparisons],
    )


def input_tables(connection: Any, specification: PeerSpecification, records: Path) -> list[str]:
    """Read the records into tables with the derived columns: one, or one per source; returns their names."""
    derived = "".join(f", {expression} as {name}" for name, expression in specification.derived.items())
    connection.execute(f"create table people as select *{derived} from read_parquet(?)", [str(records)])
    if not specification.sources:
        return ["people"]
    column = specification.sources
    values = connection.execute(f"select distinct {column} from people order by {column}").fetchall()
    names = [f"people_{number}" for number in range(len(values))]
    for name, (value,) in zip(names, values, strict=True):
        connection.execute(f"create table {name} as select * from people where {column} = ?", [value])
    return names


def identified_edges(identifiers: tuple[str, ...], predicted: str) -> str:
    """SQL of the predicted edges and, as certain ones, the pairs of records with an equal identifier."""
    parts = [f"select record_id_l, record_id_r, match_weight, match_probability from {predicted}"]
    for column in identifiers:
        parts.append(
            f"""
            select l.record_id, r.record_id, cast('infinity' as double), 1.0
            from people as l
            inner join people as r on l.{column} = r.{column} and l.record_id < r.record_id
            """
        )
    return " union all ".join(parts)


def link(specification: PeerSpecification, records: Path, out: Path) -> dict[str, Any]:
    """Train, predict and cluster; writes edges.parquet and clusters.parquet; returns versions, seconds per step and counts."""
    import duckdb
    import splink
    from splink import DuckDBAPI, Linker

    # Which levels it could not train and how far its iterations are is of no use here.
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"set temp_directory = '{out}/spill'")
    names = input_tables(connection, specification, records)
    seconds: dict[str, float] = {}

    def timed(step: str, action: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = action()
        seconds[step] = seconds.get(step, 0.0) + time.perf_counter() - started
        return result

    def prepare() -> Any:
        tables = [backend.register(connection.table(name)) for name in names]
        return Linker(tables if specification.sources else tables[0], settings(specification), log_level=logging.ERROR)

    def train() -> None:
        for columns in specification.training:
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule(columns), estimate_without_term_frequencies=True
            )

    def add_identified() -> Any:
        query = identified_edges(specification.identifiers, predicted.physical_name)
        connection.execute(f"create table linked as {query}")
        return backend.register(connection.table("linked"))

    backend = DuckDBAPI(connection=connection)
    linker = timed("prepare", prepare)
    certain = [rule(given) for given in specification.certain]
    timed(
        "prior",
        lambda: linker.training.estimate_probability_two_random_records_match(
            certain, recall=specification.certain_recall
        ),
    )
    timed(
        "u",
        lambda: linker.training.estimate_u_using_random_sampling(
            max_pairs=specification.max_pairs, seed=specification.seed
        ),
    )
    timed("m", train)
    blocked = timed("block", linker.inference.compute_blocked_pairs_for_predict)
    pairs = connection.execute(f"select count(*) from {blocked.physical_name}").fetchall()[0][0]
    predicted = timed("predict", lambda: linker.inference.predict(threshold_match_probability=specification.floor))
    blocked.drop_table_from_database_and_remove_from_cache()
    edges = timed("identifiers", add_identified) if specification.identifiers else predicted
    clusters = timed(
        "cluster",
        lambda: linker.clustering.cluster_pairwise_predictions_at_threshold(
            edges, threshold_match_probability=PUBLISHED_THRESHOLD
        ),
    )
    query = f"select record_id_l, record_id_r, match_weight from {edges.physical_name}"
    connection.execute(f"copy ({query}) to '{out}/edges.parquet'")
    connection.execute(f"copy (select record_id, cluster_id from {clusters.physical_name}) to '{out}/clusters.parquet'")
    kept = connection.execute(f"select count(*) from {edges.physical_name}").fetchall()[0][0]
    return {
        "versions": {"splink": splink.__version__, "duckdb": duckdb.__version__},
        "seconds": sum(seconds.values()),
        "steps": seconds,
        "candidate_pairs": pairs,
        "edges": kept,
    }


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks.splink_peer", description="Link a table of people with Splink.")
    parser.add_argument("--specification", required=True, choices=list(SPECIFICATIONS))
    parser.add_argument("--records", required=True, type=Path, help="Parquet file with a column record_id")
    parser.add_argument(
        "--out", required=True, type=Path, help="folder for edges.parquet, clusters.parquet, result.json"
    )
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    result = link(SPECIFICATIONS[options.specification], options.records, options.out)
    (options.out / "result.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
