"""`make check-pii`: personal data that is not labelled, that no purpose needs, past its licence, in a segment, or in a log.

Usage: python -m python_udfs.governance.check --manifest target/manifest.json [--database data/kindred.duckdb] [--logs logs target]
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from python_udfs.arguments import Parser
from python_udfs.database import EncryptionError, connect
from python_udfs.governance.inventory import (
    CLASSES,
    LABELLED_LAYERS,
    PARTIES,
    Column,
    Purpose,
    class_by_name,
    columns,
    looks_personal,
    read_manifest,
    read_purposes,
)

_CANDIDATES = re.compile(rb"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}|\+[1-9][0-9]{7,14}")
_CHUNK = 1 << 24
# What a value alone tells to be somebody's: an e-mail address, or an international phone number.
_CONTACT_POINT = r"[^@*\s]+@[^@*\s]+\.[A-Za-z]{2,24}|\+[1-9][0-9]{7,14}"
_SAMPLED_ROWS = 20_000


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and what to do about it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


def metadata_problems(found: Iterable[Column], purposes: Mapping[str, Purpose]) -> Iterator[Problem]:
    """Columns of models whose labels are missing or make no sense."""
    for column in found:
        where = f"{column.file}: {column.model}.{column.name}"
        if not column.pii and column.looks_personal:
            yield Problem(
                where,
                "looks like personal data and is not labelled",
                "Add `config: {meta: {pii: <class>, purpose: [<purpose>]}}` to the column, or `pii: none` if it is not personal"
                + ("" if column.layer in LABELLED_LAYERS else "; for a standard name, a rule in column_classes.yml"),
            )
        if column.pii and column.pii != "none" and column.pii not in CLASSES:
            yield Problem(where, f"pii class '{column.pii}' is unknown", f"Use one of {', '.join(CLASSES)}, none")
        if column.is_personal and not column.purposes:
            yield Problem(
                where, "no purpose needs this personal data", "Name its purposes in `meta`, or drop the column"
            )
        if column.is_public and not (column.purposes or column.model_purposes):
            yield Problem(
                where,
                "no purpose needs this column of a mart",
                "Name the purpose in `meta` of the model or its folder, or drop the column",
            )
        for code in (*column.purposes, *column.model_purposes):
            if code not in purposes:
                yield Problem(where, f"purpose '{code}' is not in the register", f"Use one of {', '.join(purposes)}")
        if column.is_personal and column.retention_days is None and column.purposes:
            yield Problem(where, "nothing says how long it is kept", "Give a registered purpose or `retention_days`")
        if column.party and column.party not in PARTIES:
            yield Problem(where, f"party '{column.party}' is unknown", f"Use one of {', '.join(PARTIES)}")
        if column.party == "third" and not column.licence_until:
            yield Problem(
                where,
                "a third-party value without the end of its licence",
                "Name the column that has it: `meta: {licence_until: <column>}`",
            )


def schema_problems(found: Iterable[Column], variables: Mapping[str, Any]) -> Iterator[Problem]:
    """Models with personal data in a schema that is not declared to hold any."""
    for model, schema in sorted({(column.model, column.schema) for column in found if column.is_personal}):
        if schema not in variables.get("personal_schemas", []):
            yield Problem(
                model,
                f"holds personal data in schema '{schema}', which is not declared to hold any",
                f"Put it into one of {', '.join(variables.get('personal_schemas', []))} (var personal_schemas)",
            )


def database_problems(
    connection: duckdb.DuckDBPyConnection,
    found: Iterable[Column],
    manifest: Mapping[str, Any],
    variables: Mapping[str, Any],
) -> Iterator[Problem]:
    """Columns that are in the database and look personal, where nothing declares them or where no clear personal data may be.

    Raw schemas belong to the sources; masked views hold what is masked.
    """
    # What is switched off is described, too, and its tables may be there from before.
    off = [
        node for nodes in manifest.get("disabled", {}).values() for node in nodes if node["resource_type"] == "model"
    ]
    declared = {(column.model, column.name) for column in found}
    declared |= {(node["name"], name) for node in off for name in node["columns"]}
    by_place = {(node["schema"], node["alias"]): node for node in manifest["nodes"].values() if "alias" in node}
    # Seeds are files of the project, and hold nobody.
    seeds = {key for key, node in by_place.items() if node["resource_type"] == "seed"}
    raw = {source["schema"] for source in manifest["sources"].values()}
    elsewhere = raw | {variables.get("masked_schema"), "privacy"}
    rows = connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_catalog = current_database() order by all"
    ).fetchall()
    for schema, table, name in rows:
        model = by_place.get((schema, table), {}).get("name", table)
        if schema in elsewhere or (schema, table) in seeds or not looks_personal(name) or (model, name) in declared:
            continue
        where = f"{schema}.{table}.{name}"
        if schema not in variables.get("personal_schemas", []):
            yield Problem(
                where,
                "looks like personal data in a schema that is not declared to hold any",
                "Move or drop the table, or declare its schema (vars personal_schemas, <source>_schema)",
            )
        elif not class_by_name(model, name):
            yield Problem(
                where,
                "looks like personal data, and nothing describes it",
                "Describe the column with its label, or drop what no model makes any more",
            )


def value_problems(
    connection: duckdb.DuckDBPyConnection, found: Iterable[Column], relations: Mapping[str, str]
) -> Iterator[Problem]:
    """Columns of marts without a label, whatever they are called, that hold contact points. A sample of the rows is looked at.

    `pii: none` is a label: the switchboard of a company is nobody's number.
    """
    texts = set(
        connection.execute(
            "select '\"' || table_schema || '\".\"' || table_name || '\"', column_name from information_schema.columns"
            " where table_catalog = current_database() and data_type = 'VARCHAR'"
        ).fetchall()
    )
    unlabelled: dict[str, list[Column]] = {}
    for column in found:
        relation = relations.get(column.model, "")
        if column.layer in LABELLED_LAYERS and not column.pii and (relation, column.name) in texts:
            unlabelled.setdefault(relation, []).append(column)
    for relation, asked in sorted(unlabelled.items()):
        counts = ", ".join(
            f"""count(*) filter (where regexp_full_match("{column.name}", '{_CONTACT_POINT}'))""" for column in asked
        )
        query = f"select {counts} from (from {relation} using sample reservoir({_SAMPLED_ROWS} rows) repeatable (1))"
        for column, count in zip(asked, connection.execute(query).fetchall()[0], strict=True):
            if count:
                yield Problem(
                    f"{column.file}: {column.model}.{column.name}",
                    f"holds e-mail addresses or phone numbers ({count} of up to {_SAMPLED_ROWS} rows looked at) and is not labelled",
                    "Add `config: {meta: {pii: <class>, purpose: [<purpose>]}}` to the column, or drop it",
                )


def segment_problems(found: Iterable[Column], variables: Mapping[str, Any]) -> Iterator[Problem]:
    """Segments whose condition reads a sensitive attribute."""
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in variables.get("sensitive_attribute_patterns", [])]
    declared = {column.name.lower() for column in found if column.is_sensitive}
    for segment in variables.get("segments", []):
        # What stands in quotes is a value, not an attribute.
        rules = f"{segment.get('predicate') or ''} {segment.get('sql') or ''}"
        condition = re.sub(r"'[^']*'", "", rules).lower()
        for word in sorted(set(re.findall(r"[a-z_][a-z0-9_]*", condition))):
            if word in declared or any(pattern.search(word) for pattern in patterns):
                yield Problem(
                    f"dbt_project.yml: segment {segment.get('name')}",
                    f"reads the sensitive attribute '{word}'",
                    "Take it out of the predicate",
                )


def licence_problems(
    found: Iterable[Column], relations: Mapping[str, str], connection: duckdb.DuckDBPyConnection
) -> Iterator[Problem]:
    """Third-party values that are still there after their licence has ended."""
    (as_of,) = connection.execute("select max(as_of_at) from marts.as_of_time").fetchall()[0]
    for column in found:
        if (
            column.party == "third"
            and column.licence_until
            and column.layer in LABELLED_LAYERS
            and column.model in relations
        ):
            (count,) = connection.execute(
                f'select count(*) from {relations[column.model]} where "{column.name}" is not null'
                # A licence holds to the end of its last day.
                f' and cast("{column.licence_until}" as date) < cast(? as date)',
                [as_of],
            ).fetchall()[0]
            if count:
                yield Problem(
                    f"{column.model}.{column.name}",
                    f"{count} third-party values are past their licence",
                    "Leave lapsed values out of the model",
                )


def _candidates(path: Path) -> set[str]:
    """Everything in a file that has the form of an e-mail address or an international phone number, in lower case."""
    found: set[str] = set()
    with path.open("rb") as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            found.update(match.decode("ascii").lower() for match in _CANDIDATES.findall(text))
            # An address may lie across two chunks.
            rest = text[-300:]
    return found


def _files(folders: Iterable[Path]) -> list[Path]:
    paths = [path for folder in folders for path in (folder.rglob("*") if folder.is_dir() else [folder])]
    return sorted(path for path in paths if path.is_file())


def log_problems(
    folders: Sequence[Path], connection: duckdb.DuckDBPyConnection, own: Sequence[Path] = ()
) -> Iterator[Problem]:
    """Files under `folders` that hold an e-mail address or phone number of a customer. The values themselves are not repeated.

    What stands in the project's `own` files, such as the examples of its tests, comes from there: dbt copies those into its output.
    """
    examples: set[str] | None = None
    for path in _files(folders):
        candidates = sorted(_candidates(path))
        if not candidates:
            continue
        found = {
            str(value)
            for (value,) in connection.execute(
                "select distinct lower(identifier_value) from marts.customer_identifiers where identifier_type in ('email', 'phone')"
                " and lower(identifier_value) in (select unnest(?::varchar[]))",
                [candidates],
            ).fetchall()
        }
        if found and examples is None:
            examples = {value for file in _files(own) for value in _candidates(file)}
        count = len(found - (examples or set()))
        if count:
            yield Problem(
                str(path),
                f"holds {count} e-mail addresses or phone numbers of customers",
                "Delete the file and what wrote them",
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every problem; 1 if there is one."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", type=Path, default=Path("target/manifest.json"))
    parser.add_argument("--project", type=Path, default=Path())
    parser.add_argument(
        "--database", type=Path, help="look for lapsed licences here, and for its customers in the logs"
    )
    parser.add_argument("--logs", type=Path, nargs="*", default=[])
    options = parser.parse_args(arguments)
    manifest = read_manifest(options.manifest)
    purposes = read_purposes(options.project / "seeds" / "purposes.csv")
    variables = yaml.safe_load((options.project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    found = columns(manifest, purposes)
    problems = [
        *metadata_problems(found, purposes),
        *schema_problems(found, variables),
        *segment_problems(found, variables),
    ]
    if options.database and options.database.exists():
        own = [options.project / folder for folder in ("models", "macros", "tests")]
        relations = {
            node["name"]: f'"{node["schema"]}"."{node["alias"]}"'
            for node in manifest["nodes"].values()
            if "alias" in node
        }
        try:
            with connect(options.database, read_only=True) as connection:
                # A database that was built before a model came does not have it yet.
                rows = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
                there = {f'"{schema}"."{table}"' for schema, table in rows}
                relations = {model: relation for model, relation in relations.items() if relation in there}
                problems += [
                    *database_problems(connection, found, manifest, variables),
                    *value_problems(connection, found, relations),
                    *licence_problems(found, relations, connection),
                    *log_problems(options.logs, connection, own),
                ]
        except EncryptionError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    for problem in problems:
        print(problem)
    personal = sum(column.is_personal for column in found)
    print(f"{personal} columns hold personal data; {len(problems) or 'no'} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
