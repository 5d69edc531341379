"""Retention: rows that no purpose needs any longer leave raw files and ledgers; the next build makes everything else without them.

Time runs by the clock, not by the latest event in the data: a law does not wait for new orders.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from python_udfs.privacy.ages import DECLARATIONS, Columns, declarations, time_expression
from python_udfs.privacy.inventory import Table, contracts, inventory, quote
from python_udfs.privacy.operations import Outcome, Progress, expect_fewer, log, opened
from python_udfs.privacy.raw_files import columns_of, files_of, literal, matching_rows, readable
from python_udfs.privacy.screen import Screening, rewrite_raw, screening_folder
from python_udfs.privacy.store import Entry, Place, compact, now
from python_udfs.privacy.subject import has_table
from python_udfs.privacy.sweep import ERASED, Hit, follow_converted, is_followed, is_view, quiet

# The purpose whose retention the proof of consent has.
PROOF = "any_processing"
LEDGER = "marts.consent_events"
# How long destinations have to delete by the key that is left of erased people.
TOMBSTONE_DAYS = 30
RECTIFICATIONS = "privacy.rectifications"
# How long what was put right waits for a record that its source no longer has.
RECTIFICATION_DAYS = 30


class RetentionError(RuntimeError):
    """A retention is missing, empty or unknown; the message names table and column and what to do. Nothing was deleted."""


@dataclass(frozen=True)
class Rule:
    """How long the rows of one raw table are kept; `days` is None for parts that follow another table, and for what stays."""

    table: str
    at: tuple[str, ...] = ()
    days: int | None = None
    purpose: str = ""
    follows: tuple[str, str] | None = None
    entity: str = ""


@dataclass
class Kept:
    """What retention does to one table: rows that go, the oldest time that stays, rows without any time (they stay)."""

    name: str
    purpose: str
    days: int | None
    expired: int = 0
    oldest: datetime.datetime | None = None
    undated: int = 0
    positions: dict[Path, list[int]] = field(default_factory=dict)
    condition: str = ""


def purpose_days(connection: duckdb.DuckDBPyConnection) -> dict[str, int | None]:
    """Days of each registered purpose as the database has them.

    Raises:
        RetentionError: nothing has been built yet.
    """
    if not has_table(connection, "reference", "purposes"):
        raise RetentionError("The database has no register of purposes yet: build it first (make run).")
    rows = connection.execute("select purpose_code, retention_days from reference.purposes").fetchall()
    return {str(code): days for code, days in rows}


def days_of(where: str, purposes: list[str], registered: Mapping[str, int | None]) -> tuple[int, str]:
    """The longest retention of some purposes, and the purpose that has it.

    Raises:
        RetentionError: no purpose, an unknown one, or one whose retention is empty or no positive number.
    """
    if not purposes:
        raise RetentionError(f"{where}: has neither days nor purposes, so nothing says how long it is kept.")
    for code in purposes:
        if code not in registered:
            raise RetentionError(f"{where}: purpose '{code}' is not in seeds/purposes.csv. Register it there.")
        days = registered[code]
        if days is None or days <= 0:
            raise RetentionError(
                f"purposes.retention_days of '{code}', which {where} is kept for, is {'empty' if days is None else days}. "
                "Write a positive number of days into seeds/purposes.csv and build."
            )
    longest = max(purposes, key=lambda code: (registered[code] or 0, code))
    return int(registered[longest] or 0), longest


def rule_of(
    table: Table, declared: Mapping[str, Mapping[str, Any]], registered: Mapping[str, int | None]
) -> Rule | None:
    """The rule of a raw table; None where rows name nobody.

    Raises:
        RetentionError: the table is not declared, its days are no positive number, or a column is not in its contract.
    """
    name = f"{table.source}.{table.raw_name}"
    entry = declared.get(name)
    known = {str(column["name"]).lower() for column in table.contract["columns"]}
    if not entry:
        raise RetentionError(
            f"{name}: no retention is declared for any of its columns ({', '.join(sorted(known))}). "
            f"Add the table to {DECLARATIONS.name}."
        )
    if "forever" in entry:
        return None
    columns = [*entry.get("at", []), *entry.get("follows", {})]
    for column in columns:
        if column.lower() not in known:
            raise RetentionError(
                f"{name}.{column}: {DECLARATIONS.name} names a column that the table does not declare."
            )
    if entry.get("follows"):
        ((column, parent),) = entry["follows"].items()
        return Rule(name, follows=(column, parent))
    if not columns:
        raise RetentionError(f"{name}: {DECLARATIONS.name} names no column (`at`) that says how old a row is.")
    where = f"{name}.{columns[0]}"
    if "days" in entry:
        if not isinstance(entry["days"], int) or entry["days"] <= 0:
            raise RetentionError(f"{where}: {entry['days']!r} is no positive number of days.")
        return Rule(name, tuple(entry["at"]), entry["days"], "", None, entry.get("person", ""))
    days, purpose = days_of(where, entry.get("purposes") or [], registered)
    return Rule(name, tuple(entry["at"]), days, purpose, None, entry.get("person", ""))


def in_order(rules: dict[str, Rule]) -> Iterator[Rule]:
    """Rules with those of parts after those of what they are parts of."""
    done: set[str] = set()
    waiting = [rules[name] for name in sorted(rules)]
    while waiting:
        ready = [
            rule for rule in waiting if not rule.follows or rule.follows[1] not in rules or rule.follows[1] in done
        ]
        if not ready:
            raise RetentionError(f"{waiting[0].table}: the tables that it follows lead back to it.")
        for rule in ready:
            done.add(rule.table)
            yield rule
        waiting = [rule for rule in waiting if rule.table not in done]


def _set_up_activity(connection: duckdb.DuckDBPyConnection) -> None:
    """Temporary table last_seen(record_id, seen_at): the latest that is known of the customer of each record."""
    parts = ["select record_id, greatest(created_at, updated_at) as seen_at from identity.identity_records"]
    of_customers = [
        f"select customer_ids.record_id, max(seen.{column}) as seen_at from {schema}.{table} as seen"
        " inner join identity.customer_ids as customer_ids on seen.customer_id = customer_ids.customer_id group by all"
        for schema, table, column in (("marts", "events", "occurred_at"), ("marts", "orders", "ordered_at"))
        if has_table(connection, schema, table)
    ]
    connection.execute(
        "create or replace temp table last_seen as with seen as ("
        + " union all ".join([*parts, *of_customers])
        + "), of_record as (select record_id, max(seen_at) as seen_at from seen group by all) "
        "select of_record.record_id, max(others.seen_at) as seen_at from of_record"
        " left join identity.customer_ids as mine on of_record.record_id = mine.record_id"
        " left join identity.customer_ids as theirs on mine.customer_id = theirs.customer_id"
        " left join of_record as others on others.record_id = coalesce(theirs.record_id, of_record.record_id) group by all"
    )


def _expired(rule: Rule, table: Table, present: Columns, today: datetime.datetime) -> str:
    """The condition for rows that go, as SQL."""
    if rule.follows:
        column, parent = rule.follows
        if column.lower() not in present:
            return "false"
        return f"coalesce(cast({quote(column)} as varchar) in (select key from {_gone(parent)}), false)"
    assert rule.days is not None
    limit = f"timestamp '{today - datetime.timedelta(days=rule.days)}'"
    condition = f"coalesce({time_expression(rule.at, table, present)} < {limit}, false)"
    if rule.entity and table.key:
        # Whoever bought last week is no stranger, however old their record is.
        record = f"'{table.source}:{rule.entity}:' || cast({table.key[0]} as varchar)"
        condition += f" and {record} not in (select record_id from last_seen where seen_at >= {limit})"
    return condition


def _gone(table: str) -> str:
    return quote(f"gone {table}")


def _relations(connection: duckdb.DuckDBPyConnection, place: Place, table: Table) -> list[tuple[str, Path | None]]:
    """What to read of a raw table, with the file it is; the table itself where a connector writes into the database."""
    if not is_view(connection, table):
        return [(table.full_name, None)]
    if place.raw is None:
        return []
    files = files_of(place.raw, table.source, table.raw_name)
    return [(f"read_parquet({literal(readable(path, place.landed))})", path) for path in files]


def _examine(
    connection: duckdb.DuckDBPyConnection, place: Place, table: Table, rule: Rule, today: datetime.datetime
) -> Kept:
    kept = Kept(rule.table, rule.purpose or (f"with {rule.follows[1]}" if rule.follows else "its own"), rule.days)
    connection.execute(f"create or replace temp table {_gone(rule.table)} (key varchar)")
    staying: list[str] = []
    for relation, path in _relations(connection, place, table):
        if path is None:
            columns = connection.execute(f"describe select * from {relation}").fetchall()
            pairs = [(str(row[0]), str(row[1])) for row in columns]
        else:
            pairs = columns_of(connection, readable(path, place.landed))
        present = {name.lower(): (name, type_name) for name, type_name in pairs}
        condition = _expired(rule, table, present, today)
        time = time_expression(rule.at, table, present)
        expired, undated, oldest = connection.execute(
            f"select count(*) filter (where {condition}), count(*) filter (where {time} is null),"
            f" min({time}) filter (where not ({condition})) from {relation}"
        ).fetchall()[0]
        kept.expired += int(expired)
        kept.undated += 0 if rule.follows else int(undated)
        kept.oldest = min((each for each in (kept.oldest, oldest) if each), default=None)
        keys = table.contract.get("key_columns") or []
        if len(keys) == 1 and keys[0].lower() in present:
            key = f"cast({quote(keys[0])} as varchar)"
            if expired:
                connection.execute(
                    f"insert into {_gone(rule.table)} select {key} from {relation} where {condition} and {key} is not null"
                )
            staying.append(f"select {key} from {relation} where not ({condition})")
        if path is None:
            kept.condition = condition
        elif expired:
            kept.positions[path] = matching_rows(connection, readable(path, place.landed), condition)
    # An older version of something that is still there takes none of its parts along.
    for query in staying:
        connection.execute(f"delete from {_gone(rule.table)} where key in ({query})")
    return kept


# What still decides, proves or stands is kept whatever its age, and so is every refusal of somebody who is known.
_PROOF_IN_USE = """
    event_id in (select deciding_event_id from intermediate.consent_identifier_status where deciding_event_id is not null)
    or event_id in (select evidence_event_id from intermediate.consent_identifier_status where evidence_event_id is not null)
    or is_standing_value
    or (
        state in ('denied', 'withdrawn', 'objected')
        and (identifier_type, identifier) in (select (identifier_type, identifier_value) from marts.customer_identifiers)
    )
"""


def _examine_ledger(connection: duckdb.DuckDBPyConnection, days: int, today: datetime.datetime) -> Kept:
    kept = Kept(LEDGER, PROOF, days)
    limit = f"timestamp '{today - datetime.timedelta(days=days)}'"
    connection.execute(
        f"create or replace temp table gone_proof as select event_id from {LEDGER}"
        f" where coalesce(event_at < {limit} and coalesce(valid_until, event_at) < {limit}, false)"
        f" and not coalesce({_PROOF_IN_USE}, false)"
    )
    kept.expired, kept.oldest = connection.execute(
        "select count(*) filter (where gone_proof.event_id is not null),"
        " min(event_at) filter (where gone_proof.event_id is null)"
        f" from {LEDGER} as ledger left join gone_proof on ledger.event_id = gone_proof.event_id"
    ).fetchall()[0]
    return kept


def _examine_tombstones(connection: duckdb.DuckDBPyConnection, table: Table, today: datetime.datetime) -> Kept:
    kept = Kept(f"{table.schema}.{table.name}", "keys of erased people", TOMBSTONE_DAYS)
    erased = f"customer_id = '{ERASED}'"
    # The latest change stays: what is told of changes asks for those after it.
    latest = f"(select max(updated_at) from {table.full_name})"
    kept.condition = f"{erased} and exited_at < timestamp '{today - datetime.timedelta(days=TOMBSTONE_DAYS)}' and updated_at < {latest}"
    kept.expired, kept.oldest = connection.execute(
        f"select count(*) filter (where {kept.condition}), min(exited_at) filter (where {erased} and not ({kept.condition}))"
        f" from {table.full_name}"
    ).fetchall()[0]
    return kept


def _examine_rectifications(
    connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule], today: datetime.datetime
) -> Kept:
    """What was put right goes with its record, and when the record has been gone for long."""
    kept = Kept(RECTIFICATIONS, "with its record", RECTIFICATION_DAYS)
    limit = f"timestamp '{today - datetime.timedelta(days=RECTIFICATION_DAYS)}'"
    # A person's record, a guest's order or a response: the first part of its id is the source, the second what it is there.
    expired = [
        f"select '{source}:{rule.entity or table}:' || key from {_gone(rule.table)}"
        for rule in rules
        for source, _, table in [rule.table.partition(".")]
    ]
    gone = " union all ".join(
        [*expired, f"select record_id from identity.customer_id_ledger where removed_at < {limit}"]
    )
    kept.condition = f"record_id in ({gone})"
    kept.expired, kept.oldest = connection.execute(
        f"select count(*) filter (where {kept.condition}), min(rectified_at) filter (where not ({kept.condition})) from {RECTIFICATIONS}"
    ).fetchall()[0]
    return kept


def _delete_raw(connection: duckdb.DuckDBPyConnection, place: Place, kept: Kept, table: Table) -> None:
    """Write the files of a table anew without what has expired, and without the rows of erased people that were left out of them."""
    screening = Screening(screening_folder(place.landed))
    for path, positions in kept.positions.items():
        rewrite_raw(connection, screening, path, place.landed, positions)
    screening.save()
    if place.raw is not None:
        follow_converted(connection, table, place.raw, place.landed)


def retain(
    place: Place, is_dry_run: bool = False, tell: Progress = quiet, today: datetime.datetime | None = None
) -> Outcome:
    """Delete what is kept no longer: raw rows first, so that no build brings anything back, then the ledger of consent.

    Raises:
        RetentionError: a retention is missing, empty or unknown; nothing is deleted then.
        RawRewriteError: a raw file cannot be rewritten.
    """
    entry = Entry.start("retain", None, is_dry_run)
    moment = today or now()
    results: list[tuple[Kept, Table | None]] = []
    with opened(place, read_only=is_dry_run) as connection:
        registered = purpose_days(connection)
        tables = inventory(connection)
        raw = {
            f"{table.source}.{table.raw_name}": table
            for table in tables
            if table.is_raw and (table.schema, table.name) in contracts(connection)
        }
        found = {name: rule_of(table, declarations(), registered) for name, table in raw.items()}
        proof_days, _ = days_of(f"{LEDGER}.event_at", [PROOF], registered)
        rules = {name: rule for name, rule in found.items() if rule}
        _set_up_activity(connection)
        for rule in in_order(rules):
            tell(rule.table)
            results.append((_examine(connection, place, raw[rule.table], rule, moment), raw[rule.table]))
        if has_table(connection, "intermediate", "consent_identifier_status"):
            results.append((_examine_ledger(connection, proof_days, moment), None))
        if has_table(connection, "privacy", "rectifications") and has_table(
            connection, "identity", "customer_id_ledger"
        ):
            results.append((_examine_rectifications(connection, rules.values(), moment), None))
        results += [(_examine_tombstones(connection, table, moment), table) for table in tables if is_followed(table)]
        if not is_dry_run:
            _apply(connection, place, results, tell)
    hits = [Hit(kept.name, kept.expired) for kept, _ in results if kept.expired]
    if not is_dry_run:
        tell("compacting the database")
        compact(place.database)
    log(place, entry, hits)
    return Outcome(hits, [*report(kept for kept, _ in results), *([] if is_dry_run else [_AFTER])])


_AFTER = "Tables that are built follow with the next build. Backups made before keep these rows until you delete them."


def _apply(
    connection: duckdb.DuckDBPyConnection, place: Place, results: list[tuple[Kept, Table | None]], tell: Progress
) -> None:
    for kept, table in results:
        if not kept.expired:
            continue
        tell(kept.name)
        if kept.name == RECTIFICATIONS:
            connection.execute(f"delete from {RECTIFICATIONS} where {kept.condition}")
        elif table is None:
            connection.execute(f"delete from {LEDGER} where event_id in (select event_id from gone_proof)")
        elif kept.condition:
            connection.execute(f"delete from {table.full_name} where {kept.condition}")
        else:
            _delete_raw(connection, place, kept, table)
        if table is not None and table.is_raw:
            expect_fewer(connection, table, kept.expired)
    connection.execute("checkpoint")


def report(results: Iterable[Kept]) -> list[str]:
    """A table of what goes and what stays, then the sums by purpose, as lines."""
    rows = list(results)
    lines = [f"{'rows that go':>12}  {'kept days':>9}  {'oldest kept':<11}  {'table':<28}  purpose"]
    lines += [
        f"{kept.expired:>12,}  {kept.days or '':>9}  {kept.oldest.date().isoformat() if kept.oldest else '':<11}"
        f"  {kept.name:<28}  {kept.purpose}"
        for kept in rows
    ]
    sums: dict[str, int] = {}
    for kept in rows:
        sums[kept.purpose] = sums.get(kept.purpose, 0) + kept.expired
    lines += [f"{total:>12,}  rows of purpose {purpose}" for purpose, total in sorted(sums.items()) if total]
    undated = {kept.name: kept.undated for kept in rows if kept.undated}
    lines += [f"{count:>12,}  rows without a time stay in {name}" for name, count in sorted(undated.items())]
    return lines
