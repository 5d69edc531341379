"""What can be done with the data of one person: export it, erase it, restrict its use. Each leaves a row in the audit log."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from python_udfs.database import connect
from python_udfs.delivery.files import DRAFT
from python_udfs.delivery.folders import OF_SUBJECTS, record_folder, recorded_folders
from python_udfs.privacy.inventory import CONTACT_KINDS, Table, built_table, contracts, inventory, quote
from python_udfs.privacy.journal import Erasure, append, read_journal, suppressed_hashes
from python_udfs.privacy.keys import Key
from python_udfs.privacy.raw_files import columns_of, drop_rows, files_of, matching_rows, readable, rewrite_lines
from python_udfs.privacy.screen import (
    Recognizer,
    Screening,
    hashes_to_remember,
    rewrite_raw,
    screening_folder,
    suppressed_rows,
)
from python_udfs.privacy.search import schemas_with_queries
from python_udfs.privacy.store import TABLES, Entry, Place, compact, now, write_log
from python_udfs.privacy.subject import (
    Subject,
    SubjectError,
    find_subject,
    free_text_pattern,
    has_table,
    load_values,
    row_condition,
)
from python_udfs.privacy.sweep import Hit, count_rows, delete_rows, follow_converted, quiet, read_rows
from python_udfs.raw.origin import OriginError, origin_path
from python_udfs.raw.unread import shortened, unread_files

Progress = Callable[[str], None]
# Kinds that a restriction names, as consent knows them.
_RESTRICTED = {"email": "email", "phone": "phone", "user_id": "user_id"}
_RESTRICTED_MESSAGE = "The next build takes this person out of every use and tells the destinations: run it now."
# A shorter text may stand in a file for something else.
SHORTEST_NEEDLE = 8
# How many rows of each raw table the last build read.
COUNTED = ("governance", "raw_tables")


@dataclass(frozen=True)
class Outcome:
    """What an operation did or, in a dry run, would do: rows by table or file, and what else there is to say."""

    hits: list[Hit]
    messages: list[str]

    @property
    def rows(self) -> int:
        """Rows over all tables."""
        return sum(hit.rows for hit in self.hits)


@contextmanager
def opened(place: Place, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the database.

    Raises:
        SubjectError: there is no database.
    """
    if not place.database.exists():
        raise SubjectError(
            f"There is no database {place.database}: build it first (make run), or set KINDRED_DATABASE."
        )
    connection = connect(place.database, read_only)
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def check_raw(place: Place) -> None:
    """See that the raw files that the database was built from are there: an operation without them would miss most of what is held.

    Raises:
        OriginError: their folder does not exist, or none is given.
        SubjectError: there is no database.
    """
    if place.raw is not None and place.raw.is_dir():
        return
    with opened(place, read_only=True) as connection:
        files = [
            count
            for schema in schemas_with_queries(connection)
            for (count,) in connection.execute(f"select file_count from {quote(schema)}.raw_files").fetchall()
        ]
    if any(files):
        missing = "no raw folder is given" if place.raw is None else f"their folder {place.raw} does not exist"
        raise OriginError(
            f"{place.database} was built from raw files, and {missing}: bring the folder back, or, if it has moved, "
            f"remove {origin_path(place.database)} and run `make run RAW=<its new place>`."
        )


def subject_hash(key: Key, subject: Subject) -> str:
    """How the log names a person."""
    return key.hash("customer_id", subject.customer_id or "")


def log(place: Place, entry: Entry, hits: list[Hit], outcome: str = "done") -> None:
    """Write the audit row of an operation that is over."""
    with opened(place) as connection:
        write_log(connection, entry, len(hits), sum(hit.rows for hit in hits), outcome)


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _document_text(document: dict[str, Any]) -> str:
    """An export as JSON, every row of a table on a line of its own: so are thousands of rows quick to write and can be looked through."""
    write = json.JSONEncoder(default=_json_value, ensure_ascii=False).encode
    tables = [
        f'{{"table": {write(table["table"])}, "source": {write(table["source"])}, "rows": [\n'
        + ",\n".join(map(write, table["rows"]))
        + "\n]}"
        for table in document["tables"]
    ]
    rest = {name: value for name, value in document.items() if name != "tables"}
    head = json.dumps(rest, default=_json_value, ensure_ascii=False, indent=1).removesuffix("\n}")
    return head + ',\n "tables": [\n' + ",\n".join(tables) + "\n]\n}\n"


def purposes_of(connection: duckdb.DuckDBPyConnection, subject: Subject) -> list[dict[str, Any]]:
    """What the data may be used for: each purpose, and the person's status where consent has been decided."""
    if not has_table(connection, "reference", "purposes"):
        return []
    purposes = connection.sql("select * from reference.purposes order by all").to_arrow_table().to_pylist()
    status: dict[str, list[dict[str, Any]]] = {}
    if has_table(connection, "marts", "consent_status"):
        decided = connection.sql(
            "select purpose_code, channel, status, is_permitted, lawful_basis, decided_at, rule_applied"
            " from marts.consent_status where customer_id = ? order by all",
            params=[subject.customer_id],
        )
        for row in decided.to_arrow_table().to_pylist():
            status.setdefault(str(row.pop("purpose_code")), []).append(row)
    return [{**purpose, "your_status": status.get(str(purpose["purpose_code"]), [])} for purpose in purposes]


def source_of(table: Table) -> str:
    """Where a table's data comes from: the source of a raw or staging table, else Kindred's own work."""
    if table.is_raw:
        return table.source
    if table.schema == "staging" and "__" in table.name:
        return table.name.removeprefix("stg_").split("__")[0]
    return "derived"


def export_subject(place: Place, key: Key, text: str, is_dry_run: bool = False, tell: Progress = quiet) -> Outcome:
    """Write everything held on a person to `<exports>/subject-<hash>.json`: rows by table with source, and purposes.

    Raises:
        SubjectError: nobody or several customers are meant.
    """
    with opened(place, read_only=True) as connection:
        # Every search of a raw file would else read again what stands at its end.
        connection.execute("set parquet_metadata_cache = true")
        tables = [*inventory(connection), *_own_tables(connection)]
        subject = find_subject(connection, text, tables, with_every_id=False)
        entry = Entry.start("export-subject", subject_hash(key, subject), is_dry_run)
        found = read_rows(connection, tables, subject, tell)
        by_name = {f"{table.schema}.{table.name}": table for table in tables}
        document = {
            "customer_id": subject.customer_id,
            "exported_at": entry.started_at,
            "identifiers": {kind: sorted(subject.values[kind]) for kind in CONTACT_KINDS if subject.values.get(kind)},
            "purposes": purposes_of(connection, subject),
            "tables": [
                {"table": name, "source": source_of(by_name[name]), "rows": rows}
                for name, rows in sorted(found.items())
            ],
        }
    hits = [Hit(name, len(rows)) for name, rows in sorted(found.items())]
    messages = []
    if not is_dry_run:
        path = place.exports / f"subject-{(entry.subject_hash or '')[:16]}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_document_text(document), encoding="utf-8")
        messages.append(f"Written to {path}. Remove it once it has been handed over.")
        with opened(place) as connection:
            record_folder(connection, place.exports, [OF_SUBJECTS])
    log(place, entry, hits)
    return Outcome(hits, messages)


def erase_subjects(
    place: Place, key: Key, texts: Sequence[str], is_dry_run: bool = False, tell: Progress = quiet
) -> Outcome:
    """Erase people from raw files, every table, exports and logs, and see to it that they stay out. One pass for all of them.

    The hashes are written before anything is deleted: if the operation breaks off, the next build already leaves the people
    out, and `restore` of a backup ends the work.

    Raises:
        SubjectError: nobody or several customers are meant by one of the identifiers; nothing is done then.
        RawRewriteError: a raw file cannot be rewritten.
    """
    suppressed_hashes(read_journal(place.database), key)
    together = Subject(None)
    entries: list[Entry] = []
    with opened(place, read_only=is_dry_run) as connection:
        tables = inventory(connection)
        subjects = []
        for number, text in enumerate(texts, 1):
            try:
                subject = find_subject(connection, text, tables)
            except SubjectError as problem:
                which = f"Identifier {number} of {len(texts)}: " if len(texts) > 1 else ""
                raise SubjectError(f"{which}{problem}") from problem
            subjects.append(subject)
            together.take(subject)
            entries.append(Entry.start("erase-subject", subject_hash(key, subject), is_dry_run))
        warnings = [*_unread_raw_files(connection, place), *_unreachable_exports(connection)]
        if is_dry_run:
            hits = count_rows(connection, [*tables, *_own_tables(connection)], together, tell)
        else:
            for subject, entry in zip(subjects, entries, strict=True):
                hashes = hashes_to_remember(subject.remembered(), key)
                append(
                    place.database, Erasure(entry.operation_id, entry.started_at.isoformat(), key.fingerprint, hashes)
                )
            latest = read_journal(place.database)[-len(subjects) :]
            recognizer = Recognizer(key, suppressed_hashes(latest, key), "US")
            hits = wipe(connection, place, tables, together, len(subjects), recognizer, tell)
            for entry in entries:
                write_log(connection, entry, len(hits), sum(hit.rows for hit in hits))
    if is_dry_run:
        for entry in entries:
            log(place, entry, hits)
        return Outcome(hits, warnings)
    tell("compacting the database")
    compact(place.database)
    done = "Erased, and kept out from now on. Counts over all people follow with the next build."
    return Outcome(hits, [done, *warnings])


def wipe(
    connection: duckdb.DuckDBPyConnection,
    place: Place,
    tables: list[Table],
    subject: Subject,
    erasures: int,
    recognizer: Recognizer,
    tell: Progress,
) -> list[Hit]:
    """Delete a person's rows everywhere but in backups; the database file still needs to be compacted.

    `erasures` is how many entries of the journal, its last ones, the subject stands for; `recognizer` knows the people of these.
    """
    hits = delete_rows(connection, [*tables, *_own_tables(connection)], subject, place.raw, place.landed, tell)
    connection.execute("checkpoint")
    hits += clean_files(connection, place, subject, tell)
    hits += _delete_new_spellings(connection, place, tables, recognizer, tell)
    _mark_screened(place, tables, erasures)
    for table in tables:
        if table.is_raw:
            names = f"{table.source}/{table.raw_name}.", f"{table.schema}.{table.name}"
            gone = [hit.rows for hit in hits if hit.name.startswith(names[0]) or hit.name == names[1]]
            expect_fewer(connection, table, sum(gone))
    return hits


def expect_fewer(connection: duckdb.DuckDBPyConnection, table: Table, gone: int) -> None:
    """Let the next build, which stops where most rows of a raw table are gone, know that so many are gone on purpose."""
    if gone and has_table(connection, *COUNTED):
        connection.execute(
            f"update {'.'.join(COUNTED)} set row_count = greatest(row_count - ?, 0) where source_name = ? and table_name = ?",
            [gone, table.source, table.raw_name],
        )


def _delete_new_spellings(
    connection: duckdb.DuckDBPyConnection, place: Place, tables: list[Table], recognizer: Recognizer, tell: Progress
) -> list[Hit]:
    """Delete rows of raw files that came since the last build and spell a contact point of the erased people as no row before.

    The sweep knows the spellings that have been staged; all others are read here.
    """
    nothing = "select null where false"
    staged = "select raw_value from staging.stg_normalized_emails where raw_value is not null"
    looked_at = {
        "email": staged if has_table(connection, "staging", "stg_normalized_emails") else nothing,
        # A number in national form is another one in each country; few share the end of an erased one, so all are looked at.
        "phone": nothing,
    }
    screening = Screening(screening_folder(place.landed))
    hits = []
    for table in tables:
        if place.raw is None or not table.is_raw:
            continue
        for path in files_of(place.raw, table.source, table.raw_name):
            tell(f"{table.source}/{path.name}")
            positions = suppressed_rows(connection, table, readable(path, place.landed), recognizer, looked_at)
            if positions:
                rewrite_raw(connection, screening, path, place.landed, positions)
                hits.append(Hit(f"{table.source}/{path.name}", len(positions)))
        follow_converted(connection, table, place.raw, place.landed)
    screening.save()
    return hits


# The operations' own tables that hold personal data, with the columns that say whose and those that hold text.
_OWN_TABLES = (
    Table(
        "privacy",
        "rectifications",
        False,
        (('"record_id"', "record_id"),),
        (),
        None,
        ("replaced_value", "value", "reason"),
    ),
    Table("privacy", "restrictions", False, (), (("identifier_type", "identifier"),), None, ("identifier",)),
)


def _own_tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """The list of restricted people and what people had put right, where there are such tables."""
    return [table for table in _OWN_TABLES if has_table(connection, table.schema, table.name)]


def _mark_screened(place: Place, tables: list[Table], latest: int) -> None:
    """Raw files that hold nobody who was erased need not be looked at again for the people erased so far."""
    if place.raw is None:
        return
    erasures = len(read_journal(place.database))
    screening = Screening(screening_folder(place.landed))
    for table in tables:
        for path in files_of(place.raw, table.source, table.raw_name) if table.is_raw else []:
            file = readable(path, place.landed).absolute()
            if screening.checked(file) >= erasures - latest:
                screening.record(file, erasures, [])
    screening.save()


def _export_files(connection: duckdb.DuckDBPyConnection, place: Place) -> list[Path]:
    """Files of the present folder of exports, and those that were written to any other."""
    found = set(place.exports.resolve().rglob("*"))
    for folder, patterns in recorded_folders(connection).items():
        if _is_reachable(folder):
            found.update(file for pattern in patterns for file in folder.glob(pattern))
    return sorted(file for file in found if file.is_file())


def _is_reachable(folder: Path) -> bool:
    """True where the files of a folder can be listed."""
    try:
        next(folder.iterdir(), None)
    except OSError:
        return False
    return True


def _unreachable_exports(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One message for each folder of exports that cannot be cleaned."""
    return [
        f"Exports were written to {folder}, which is not there or cannot be read: see that nothing of this person is left in its files."
        for folder in recorded_folders(connection)
        if not _is_reachable(folder)
    ]


def _unread_raw_files(connection: duckdb.DuckDBPyConnection, place: Place) -> list[str]:
    """Raw files that no table is read from, so that nothing is looked for in them."""
    if place.raw is None:
        return []
    told = shortened(unread_files(place.raw, contracts(connection).values(), with_switched_off=True))
    return [*told, "Files that are not read are left as they are and may hold the person."] if told else []


def clean_files(
    connection: duckdb.DuckDBPyConnection, place: Place, subject: Subject, tell: Progress = quiet
) -> list[Hit]:
    """Take a person out of exports (rows of tables; other files whole) and out of logs and build output (lines)."""
    ids = subject.values.get("record_id", set()) | subject.values.get("customer_id", set())
    needles = [value.encode() for value in [*subject.contact_values(), *sorted(ids)] if len(value) >= SHORTEST_NEEDLE]
    # In a log an address alone is told too; in an export it might be part of somebody else's.
    in_logs = [*needles, *(text.encode() for text in _gone_addresses(connection))]
    if not needles:
        return []
    ids_alone = "|".join(sorted(subject.values.get("customer_id", set()))) or "(?!)"
    whole = re.compile(f"{free_text_pattern(subject) or '(?!)'}|{ids_alone}".encode(), re.IGNORECASE)
    hits = []
    for path in _export_files(connection, place):
        tell(str(path.name))
        if path.suffix == DRAFT:
            # Of an export that was killed: nobody reads it, and part of a Parquet file cannot be searched.
            path.unlink()
            hits.append(Hit(path.name, 1))
        elif path.suffix.lower() == ".parquet":
            hits += _clean_parquet(connection, path, subject)
        elif path.suffix.lower() == ".json" and path.name.startswith("subject-"):
            if _holds(path, needles):
                path.unlink()
                hits.append(Hit(path.name, 1))
        elif _holds(path, needles):
            # Somebody else's longer address may hold this one; only whole ones count.
            rows = rewrite_lines(path, lambda line: not whole.search(line))
            hits.append(Hit(path.name, rows))
    for folder in place.logs:
        for path in sorted(file for file in folder.rglob("*") if file.is_file()) if folder.exists() else []:
            if _holds(path, in_logs):
                if path.suffix in (".log", ".txt"):
                    hits.append(
                        Hit(path.name, rewrite_lines(path, lambda line: not any(text in line for text in in_logs)))
                    )
                else:
                    # Build output is made anew by the next build; a part of it would be of no use.
                    path.unlink()
                    hits.append(Hit(path.name, 1))
    return hits


def _gone_addresses(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Texts of words and digits that only the erased people had, as the sweep left them in gone_texts."""
    rows = connection.execute(
        "select distinct value from gone_texts where length(value) >= ? and regexp_matches(value, '[0-9]') and contains(value, ' ')",
        [SHORTEST_NEEDLE],
    ).fetchall()
    return [str(value) for (value,) in rows]


def _holds(path: Path, needles: list[bytes]) -> bool:
    """True when a file holds one of the texts."""
    overlap = max(map(len, needles))
    with path.open("rb") as file:
        before = b""
        while block := file.read(4 * 1024 * 1024):
            window = before + block
            if any(needle in window for needle in needles):
                return True
            before = window[-overlap:]
    return False


def _clean_parquet(connection: duckdb.DuckDBPyConnection, path: Path, subject: Subject) -> list[Hit]:
    condition = row_condition(built_table("exports", path.stem, columns_of(connection, path)), subject)
    positions = matching_rows(connection, path, condition) if condition else []
    if positions:
        drop_rows(connection, path, path.parent, positions)
    return [Hit(path.name, len(positions))] if positions else []


def _rectified_contact_points(connection: duckdb.DuckDBPyConnection, subject: Subject) -> set[tuple[str, str]]:
    """Contact points, with their kind, that stand in the person's records from the next build on."""
    found = connection.execute(
        "select distinct case attribute when 'email' then 'email' else 'phone' end, value from privacy.rectifications"
        " where value is not null and attribute in ('email', 'phone', 'secondary_phone') and list_contains($1, record_id)",
        [sorted(subject.values.get("record_id", set()))],
    )
    return {(str(kind), str(value)) for kind, value in found.fetchall()}


def restrict_subject(place: Place, key: Key, text: str, is_dry_run: bool = False, tell: Progress = quiet) -> Outcome:
    """Bar a person from every use, without deleting anything: rule 1 of consent from the next build.

    Raises:
        SubjectError: nobody or several customers are meant, or nothing is known by which consent could recognize the person.
    """
    with opened(place) as connection:
        tables = inventory(connection)
        subject = find_subject(connection, text, tables)
        entry = Entry.start("restrict-subject", subject_hash(key, subject), is_dry_run)
        connection.execute(TABLES)
        load_values(connection, subject)
        named = {(name, value) for kind, name in _RESTRICTED.items() for value in subject.values.get(kind, set())}
        rows = sorted(named | _rectified_contact_points(connection, subject))
        if not rows:
            raise SubjectError(
                "This person has no e-mail address, phone number or user id of their own that a restriction could name."
            )
        tell("privacy.restrictions")
        hits = [Hit("privacy.restrictions", len(rows))]
        if not is_dry_run:
            for name, value in rows:
                connection.execute(
                    "delete from privacy.restrictions where identifier_type = ? and identifier = ?", [name, value]
                )
                connection.execute(
                    "insert into privacy.restrictions values (?, ?, 'restricted', ?)", [name, value, now()]
                )
        write_log(connection, entry, len(hits), sum(hit.rows for hit in hits))
    return Outcome(
        hits,
        [] if is_dry_run else [_RESTRICTED_MESSAGE],
    )
