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

from python_udfs.governance.inventory import CLASSES, PARTIES, Column, Purpose, columns, read_manifest, read_purposes

# Marts are what people and tools read; the layers below hold what the sources gave, and are not for reading.
CHECKED_LAYERS = ("marts",)
_CANDIDATES = re.compile(rb"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}|\+[1-9][0-9]{7,14}")
_CHUNK = 1 << 24


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and what to do about it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


def metadata_problems(found: Iterable[Column], purposes: Mapping[str, Purpose]) -> Iterator[Problem]:
    """Columns of marts whose labels are missing or make no sense."""
    for column in found:
        if column.layer not in CHECKED_LAYERS:
            continue
        where = f"{column.file}: {column.model}.{column.name}"
        if not column.pii and column.looks_personal:
            yield Problem(
                where,
                "looks like personal data and is not labelled",
                "Add `config: {meta: {pii: <class>, purpose: [<purpose>]}}` to the column, or `pii: none` if it is not personal",
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
            and column.layer in CHECKED_LAYERS
            and column.model in relations
        ):
            (count,) = connection.execute(
                f'select count(*) from {relations[column.model]} where "{column.name}" is not null and "{column.licence_until}" < ?',
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
    problems = [*metadata_problems(found, purposes), *segment_problems(found, variables)]
    if options.database and options.database.exists():
        own = [options.project / folder for folder in ("models", "macros", "tests")]
        relations = {
            node["name"]: f'"{node["schema"]}"."{node["alias"]}"'
            for node in manifest["nodes"].values()
            if "alias" in node
        }
        with duckdb.connect(str(options.database), read_only=True) as connection:
            problems += [*licence_problems(found, relations, connection), *log_problems(options.logs, connection, own)]
    for problem in problems:
        print(problem)
    personal = sum(column.is_personal for column in found)
    print(f"{personal} columns hold personal data; {len(problems) or 'no'} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
