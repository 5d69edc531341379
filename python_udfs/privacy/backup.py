"""Backups of database and raw files, and a restore that does not bring erased people back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb

from python_udfs.database import EncryptionError
from python_udfs.delivery.folders import record_folder, recorded_folders
from python_udfs.privacy.inventory import Table, inventory
from python_udfs.privacy.journal import Entry as Journaled
from python_udfs.privacy.journal import Erasure, erasures_of, read_journal
from python_udfs.privacy.operations import Outcome, Progress, log, opened, wipe
from python_udfs.privacy.raw_files import drop_rows, files_of, literal, readable
from python_udfs.privacy.screen import Recognizer, Screening, recognizer_of, screening_folder, suppressed_rows
from python_udfs.privacy.store import Entry, Place, compact, now, write_log
from python_udfs.privacy.subject import IDENTIFIER_KINDS, Subject, SubjectError, complete, load_values
from python_udfs.privacy.sweep import Hit, follow_converted, quiet, searched
from python_udfs.raw.origin import write_origin

MANIFEST = "backup.json"
DATABASE = "database.duckdb"


class BackupError(RuntimeError):
    """A backup that cannot be made or restored; the message says why and what to do."""


def backup(place: Place, is_dry_run: bool = False, tell: Progress = quiet) -> Outcome:
    """Copy database and raw files to `<backups>/<time>`; the folder gets its name when it is whole.

    The journal of erasures is not part of it: what was erased since a backup stands in the journal only.
    """
    entry = Entry.start("backup", None, is_dry_run)
    name = now().strftime("%Y%m%dT%H%M%SZ")
    target = place.backups / name
    number = 1
    while target.exists():
        number += 1
        target = place.backups / f"{name}-{number}"
    raw_files = (
        sorted(file for file in place.raw.rglob("*") if file.is_file()) if place.raw and place.raw.exists() else []
    )
    if not is_dry_run:
        partial = target.with_name(f".{target.name}.partial")
        partial.mkdir(parents=True)
        try:
            with opened(place) as connection:
                connection.execute("checkpoint")
            tell("database")
            shutil.copyfile(place.database, partial / DATABASE)
            if place.raw and place.raw.exists():
                tell("raw files")
                shutil.copytree(place.raw, partial / "raw")
            manifest = {"made_at": now().isoformat(), "erasures": len(read_journal(place.database))}
            (partial / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
            partial.replace(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    log(place, entry, [])
    copied = f"the database and {len(raw_files):,} raw files"
    return Outcome([], [f"Would copy {copied} to {target}." if is_dry_run else f"Copied {copied} to {target}."])


def restore(place: Place, name: str, is_dry_run: bool = False, tell: Progress = quiet) -> Outcome:
    """Bring a backup back, then erase again whoever was erased since it was made.

    Raises:
        BackupError: there is no such backup.
        SuppressionKeyError: people were erased and the key is missing: nothing is restored then.
    """
    source = place.backups / name if name else _latest(place)
    if not (source / MANIFEST).exists():
        raise BackupError(f"{source}: no backup. Name one of: {', '.join(names(place)) or 'none has been made'}.")
    made = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    journal = read_journal(place.database)
    before, since = journal[: int(made["erasures"])], journal[int(made["erasures"]) :]
    erased = erasures_of(since)
    # All that the backup has of them is older than what they were let in for again since.
    recognizer = recognizer_of([*erased], "US") if erased else None
    recognizer_of_before = recognizer_of(before, "US") if before else None
    if is_dry_run:
        return Outcome([], [f"Would restore {source} and erase {len(erased)} people again."])
    entry = Entry.start("restore", None, False)
    exported_to = _exported_to(place)
    tell("database")
    partial = place.database.with_name(f".{place.database.name}.restoring")
    shutil.copyfile(source / DATABASE, partial)
    place.database.with_name(place.database.name + ".wal").unlink(missing_ok=True)
    partial.replace(place.database)
    if place.raw and (source / "raw").exists():
        tell("raw files")
        _restore_folder(source / "raw", place.raw)
        write_origin(place.database, place.raw)
        with opened(place) as connection:
            _renew_raw_views(connection, place.raw, place.landed, recognizer_of_before, len(before))
    if exported_to:
        with opened(place) as connection:
            for folder, patterns in exported_to.items():
                record_folder(connection, folder, patterns)
    hits = []
    if recognizer:
        hits = replay(place, since, recognizer, tell)
    log(place, entry, hits)
    return Outcome(hits, [f"Restored {source}; {len(erased)} erased people were erased again."])


def _renew_raw_views(
    connection: duckdb.DuckDBPyConnection, raw: Path, landed: Path, recognizer: Recognizer | None, erasures: int
) -> None:
    """Let the views show what the raw files that were brought back hold, without the people of the first `erasures` of the journal.

    What views left out by position was noted about the files of before. Rows that a source had sent again are in the backup: they go
    from the files.
    """
    screening = Screening(screening_folder(landed))
    nothing = screening.no_positions()
    for table in inventory(connection):
        if not table.is_raw:
            continue
        for path in files_of(raw, table.source, table.raw_name):
            if recognizer:
                positions = suppressed_rows(connection, table, readable(path, landed), recognizer)
                if positions:
                    drop_rows(connection, path, landed, positions)
                screening.record(readable(path, landed).absolute(), erasures, [])
        # What CSV files are converted to has another name than when the backup was made.
        follow_converted(connection, table, raw, landed, nothing)
    screening.save()


def _exported_to(place: Place) -> dict[Path, list[str]]:
    """Folders of exports that the database to be replaced knows; none where it cannot be read."""
    try:
        with opened(place, read_only=True) as connection:
            return recorded_folders(connection)
    except (SubjectError, EncryptionError, duckdb.Error):
        return {}


def names(place: Place) -> list[str]:
    """Names of the backups, oldest first."""
    return sorted(file.parent.name for file in place.backups.glob(f"*/{MANIFEST}")) if place.backups.exists() else []


def _latest(place: Place) -> Path:
    known = names(place)
    if not known:
        raise BackupError(f"{place.backups}: no backup has been made yet. Make one with `make backup`.")
    return place.backups / known[-1]


def _restore_folder(source: Path, target: Path) -> None:
    """Put files in place of those that are there; whatever came since goes."""
    for file in sorted(path for path in target.rglob("*") if path.is_file()):
        file.unlink()
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        goal = target / file.relative_to(source)
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, goal)


def replay(place: Place, entries: list[Journaled], recognizer: Recognizer, tell: Progress) -> list[Hit]:
    """Find the people of the last entries of the journal by their hashes in database and raw files, and erase them again."""
    hits = []
    with opened(place) as connection:
        tables = inventory(connection)
        subject = recognize(connection, place, tables, recognizer)
        complete(connection, subject, tables)
        hits = wipe(connection, place, tables, subject, len(entries), recognizer, tell)
        for entry in entries:
            operation = "erase-subject" if isinstance(entry, Erasure) else "readmit-subject"
            write_log(connection, Entry(operation, None, False, entry.operation_id, now()), 0, 0, "replayed")
    compact(place.database)
    return hits


def recognize(
    connection: duckdb.DuckDBPyConnection, place: Place, tables: list[Table], recognizer: Recognizer
) -> Subject:
    """Everybody whose hashes are known, as one subject: every distinct id of the tables is hashed and looked up."""
    subject = Subject(None)
    for table in searched(tables):
        relations = [table.full_name]
        if table.is_raw and place.raw is not None:
            files = files_of(place.raw, table.source, table.raw_name)
            relations = [f"read_parquet({literal(readable(path, place.landed))})" for path in files]
        for relation in relations:
            for expression, kind in table.matches:
                if kind in recognizer.hashes:
                    _take(connection, subject, relation, f"'{kind}'", expression, recognizer)
            for type_column, column in table.typed_matches:
                _take(connection, subject, relation, f'lower("{type_column}")', f'"{column}"', recognizer)
    load_values(connection, subject)
    return subject


def _take(
    connection: duckdb.DuckDBPyConnection,
    subject: Subject,
    relation: str,
    kind: str,
    value: str,
    recognizer: Recognizer,
) -> None:
    try:
        rows = connection.execute(
            f"select distinct {kind}, cast({value} as varchar) from {relation} where {value} is not null"
        ).fetchall()
    except duckdb.BinderException:
        return  # a file of another time, without this column
    for given, text in rows:
        actual = IDENTIFIER_KINDS.get(str(given), str(given))
        if recognizer.is_known(actual, text):
            subject.add(actual, {text})
