"""What would change if identity were built with the edited project: `python -m python_udfs.preview [--vars YAML]`.

The database is copied to a file beside it, and the customers, segments, consents and audiences of the copy are built with the project as
it is now (edited rules, thresholds, overrides). Both databases are then compared. The database itself is only read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
import yaml
from rich.console import Console
from rich.table import Table

from python_udfs.arguments import Parser
from python_udfs.database import EncryptionError, attach_any, connect, workspace
from python_udfs.raw.origin import ORIGIN_SUFFIX, RAW_VARIABLE, OriginError, raw_of_database
from python_udfs.segments.declarations import unknown_variable

SUFFIX = ".preview"
EXAMPLES = 10
DESTINATIONS = ("email", "sms", "push", "google", "meta", "crm", "profile")
SELECTION = "path:models/identity+ resource_type:seed"


class PreviewError(RuntimeError):
    """There is nothing to compare with, or the edited project does not build; the message says which and what to do."""


@dataclass(frozen=True)
class Change:
    """Members of something before and after, and how many came and went."""

    before: int
    after: int
    gained: int
    lost: int


@dataclass(frozen=True)
class Example:
    """One customer id that changes: how many records it has before and after, and what becomes of it."""

    customer_id: str
    outcome: str
    records_before: int
    records_after: int


@dataclass
class Preview:
    """What changes between two builds of the same records."""

    records: Change
    customers: Change
    merged_customers: int
    split_customers: int
    moved_records: int
    segments: dict[str, Change] = field(default_factory=dict)
    consents: dict[str, Change] = field(default_factory=dict)
    audiences: dict[str, Change] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Whether both builds say the same."""
        parts = [
            self.records,
            self.customers,
            *self.segments.values(),
            *self.consents.values(),
            *self.audiences.values(),
        ]
        return not self.moved_records and not any(part.gained or part.lost for part in parts)


def compare(before: Path, after: Path) -> Preview:
    """Compare two databases of this project.

    A customer is merged when its records, or most of them, have another customer's id afterwards; it is split when its records have
    several ids. A record has moved when its customer's id is another one. Records that only one database has are counted by themselves.

    Args:
        before: DuckDB file of the present state.
        after: DuckDB file of the edited build.

    Returns:
        The differences. Segments are compared by customer, consents by purpose and channel over the contact points that may be
        used, audiences by row.
    """
    connection = workspace(before)
    try:
        attach_any(connection, before, "before", read_only=True)
        attach_any(connection, after, "after", read_only=True)
        return _compare(connection)
    finally:
        connection.close()


def _has(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select count(distinct table_catalog) from information_schema.tables "
        "where table_schema = ? and table_name = ? and table_catalog in ('before', 'after')",
        [schema, table],
    ).fetchall()
    return bool(found[0][0] == 2)


def _sets(
    connection: duckdb.DuckDBPyConnection, relation: str, key: str, group: str, where: str = "true"
) -> dict[str, Change]:
    """Changes of the set of keys, per group."""
    rows = connection.execute(
        f"""
        with old as (select distinct {group} as name, {key} as key from before.{relation} where {where}),
        new as (select distinct {group} as name, {key} as key from after.{relation} where {where})
        select
            coalesce(old.name, new.name), count(old.name), count(new.name),
            count(case when old.name is null then 1 end), count(case when new.name is null then 1 end)
        from old full outer join new on old.name = new.name and old.key = new.key
        group by 1 order by 1
        """
    ).fetchall()
    return {str(name): Change(*map(int, counts)) for name, *counts in rows}


def _compare(connection: duckdb.DuckDBPyConnection) -> Preview:
    ids = "identity.customer_ids"
    records = _sets(connection, ids, "record_id", "'records'").get("records", Change(0, 0, 0, 0))
    customers = _sets(connection, ids, "customer_id", "'customers'").get("customers", Change(0, 0, 0, 0))
    connection.execute(
        f"""
        create temp table moves as
        select old.customer_id as old_id, new.customer_id as new_id, count(*) as record_count
        from before.{ids} as old inner join after.{ids} as new on old.record_id = new.record_id
        group by all
        """
    )
    connection.execute(
        """
        create temp table outcomes as
        select
            old_id,
            sum(record_count) as records_before,
            count(*) > 1 as is_split,
            arg_max(new_id, (record_count, new_id = old_id, new_id)) <> old_id as is_merged
        from moves group by old_id
        """
    )
    merged, split = connection.execute(
        "select count(case when is_merged then 1 end), count(case when is_split then 1 end) from outcomes"
    ).fetchall()[0]
    moved = connection.execute("select coalesce(sum(record_count), 0) from moves where old_id <> new_id").fetchall()[0][
        0
    ]
    examples = connection.execute(
        f"""
        with after_sizes as (select customer_id, count(*) as records_after from after.{ids} group by customer_id)
        select
            old_id,
            case when is_split and is_merged then 'split, and most of it merged' when is_split then 'split' else 'merged' end,
            records_before,
            coalesce(records_after, 0)
        from outcomes left join after_sizes on old_id = customer_id
        where is_split or is_merged
        order by records_before desc, old_id limit {EXAMPLES}
        """
    ).fetchall()
    preview = Preview(
        records=records,
        customers=customers,
        merged_customers=int(merged),
        split_customers=int(split),
        moved_records=int(moved),
        examples=[Example(str(a), str(b), int(c), int(d)) for a, b, c, d in examples],
    )
    if _has(connection, "marts", "segment_membership"):
        preview.segments = _sets(connection, "marts.segment_membership", "customer_id", "segment_name")
    if _has(connection, "marts", "consent_status"):
        preview.consents = _sets(
            connection,
            "marts.consent_status",
            "concat_ws('|', identifier_type, identifier)",
            "concat(purpose_code, ' by ', channel)",
            "is_permitted",
        )
    for destination in DESTINATIONS:
        table = f"activation_{destination}_current"
        if _has(connection, "activation", table):
            preview.audiences |= _sets(connection, f"activation.{table}", "activation_id", f"'{destination}'")
    return preview


def show(preview: Preview, console: Console) -> None:
    """Print a preview: only what changes."""
    if preview.is_empty():
        console.print("Nothing would change.")
        return
    console.print(
        f"Customers: {preview.customers.before:,} now, {preview.customers.after:,} then. "
        f"Merged into another: {preview.merged_customers:,}. Split: {preview.split_customers:,}. "
        f"Records that change their customer: {preview.moved_records:,} of {preview.records.after:,}."
    )
    if preview.examples:
        table = Table(title="Customers that change, the largest first")
        for heading in ("customer", "outcome", "records now", "records then"):
            table.add_column(heading, justify="right" if heading.startswith("records") else "left")
        for example in preview.examples:
            table.add_row(
                example.customer_id, example.outcome, f"{example.records_before:,}", f"{example.records_after:,}"
            )
        console.print(table)
    for title, changes in (
        ("Segments (customers)", preview.segments),
        ("Consent (contact points that may be used)", preview.consents),
        ("Audiences (rows)", preview.audiences),
    ):
        changed = {name: change for name, change in changes.items() if change.gained or change.lost}
        if not changed:
            continue
        table = Table(title=title)
        for heading in ("name", "now", "then", "gained", "lost"):
            table.add_column(heading, justify="left" if heading == "name" else "right")
        for name, change in changed.items():
            table.add_row(name, *(f"{count:,}" for count in (change.before, change.after, change.gained, change.lost)))
        console.print(table)


def check_variables(variables: str, folder: Path = Path()) -> None:
    """See that the variables of the edited build are ones of the project: dbt takes any name, and a misspelt one would change nothing.

    Raises:
        PreviewError: no mapping of names to values, or a name that the project does not declare; the message says what was meant.
    """
    usage = "Write VARS='{identity_threshold: 2}', with a blank after the colon."
    try:
        given = yaml.safe_load(variables)
    except yaml.YAMLError as unread:
        raise PreviewError(f"VARS {variables} cannot be read. {usage}") from unread
    if not isinstance(given, dict):
        raise PreviewError(f"VARS {variables} names no variables. {usage}")
    problem = unknown_variable(", ".join(map(str, given)), str(folder))
    if problem:
        raise PreviewError(f"{problem} {usage}")


def build_copy(database: Path, copy: Path, variables: str | None, console: Console) -> None:
    """Copy the database and build the copy with the project as it is now.

    Raises:
        PreviewError: there is no database with customers yet, it is in use, or the build fails.
        OriginError: KINDRED_RAW names another folder than the database was built from.
    """
    if not database.exists():
        raise PreviewError(f"{database}: there is no such database to compare with. Build it first: make run")
    try:
        with connect(database) as connection:
            connection.execute("checkpoint")
            built = connection.execute(
                "select count(*) from information_schema.tables where table_schema = 'identity' and table_name = 'customer_ids'"
            ).fetchall()[0][0]
    except (duckdb.Error, EncryptionError) as problem:
        reason = str(problem).splitlines()[0]
        raise PreviewError(f"{database}: cannot be read ({reason}). Close the program that uses it.") from problem
    if not built:
        raise PreviewError(f"{database}: holds no customers to compare with. Build it first: make run")
    raw = raw_of_database(database)
    console.print(f"Copying {database} ({database.stat().st_size / 1e6:,.0f} MB)")
    _remove(copy)
    shutil.copyfile(database, copy)
    # A process of its own: an engine keeps its database file for as long as its process lives.
    command = [
        sys.executable,
        "-m",
        "python_udfs.build",
        "--exclude-resource-type",
        "test",
        "--target-path",
        "target/preview",
    ]
    command += ["--select", *SELECTION.split(), *(["--vars", variables] if variables else [])]
    environment = os.environ | {"KINDRED_DATABASE": str(copy), RAW_VARIABLE: str(raw or "")}
    built_copy = subprocess.run(command, env=environment, check=False)
    if built_copy.returncode:
        raise PreviewError(f"the edited project does not build, see above. {database} was not changed.")


def _remove(copy: Path) -> None:
    for suffix in ("", ".wal", ORIGIN_SUFFIX):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    shutil.rmtree(copy.with_name(copy.name + ".tmp"), ignore_errors=True)


def main(arguments: list[str] | None = None) -> int:
    """Build beside, compare, show; returns the exit status."""
    parser = Parser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--vars", help="variables of the edited build, such as '{identity_threshold: 2}'")
    parser.add_argument("--out", type=Path, help="also write the comparison to this JSON file")
    parser.add_argument("--keep", action="store_true", help="keep the copy for a closer look")
    options = parser.parse_args(arguments)
    console = Console()
    database = Path(os.environ.get("KINDRED_DATABASE", "data/kindred.duckdb"))
    copy = database.with_name(database.name + SUFFIX)
    started = time.perf_counter()
    try:
        if options.vars:
            check_variables(options.vars)
        if options.out and not options.out.parent.is_dir():
            raise PreviewError(f"{options.out}: there is no folder {options.out.parent}. Name another file with OUT.")
        build_copy(database, copy, options.vars, console)
        preview = compare(database, copy)
    except (PreviewError, OriginError) as error:
        console.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        return 2
    finally:
        if not options.keep:
            _remove(copy)
    show(preview, console)
    if options.out:
        options.out.write_text(
            json.dumps(asdict(preview) | {"is_empty": preview.is_empty()}, indent=2), encoding="utf-8"
        )
    console.print(f"{database} was not changed. {time.perf_counter() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
