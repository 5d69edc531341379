"""Erase people of a built database, send their rows again, restore a backup: for tests of any size.

Run as `python -m tests.python.privacy.checks --database <built> --raw <its raw folder> --people 50 --folder <scratch>` for a
check of more people on a larger database; both are copied first.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import numpy as np

from python_udfs.privacy import search
from python_udfs.privacy.backup import backup, restore
from python_udfs.privacy.inventory import inventory, uncovered
from python_udfs.privacy.keys import KEY_VARIABLE, Key
from python_udfs.privacy.operations import erase_subjects, export_subject, opened
from python_udfs.privacy.raw_files import readable
from python_udfs.privacy.store import Place
from python_udfs.privacy.subject import find_subject

SHORTEST_NEEDLE = 8
# Figures of other people; none of them may change when somebody is erased.
OTHERS = {
    "customers": "select * exclude (rfm_recency_score, rfm_frequency_score, rfm_monetary_score, rfm_segment) from marts.customers",
    "orders": "select * from marts.orders",
    "identifiers": "select * from marts.customer_identifiers",
    "ids": "select * from identity.customer_ids",
    "consent": "select * from marts.consent_status",
    "segments": "select * from marts.segment_membership",
    "audience": "select * from activation.activation_email_current",
}


@dataclass(frozen=True)
class Erased:
    """Who was erased and by what they would be found."""

    customer_ids: list[str]
    needles: list[str]


def place_copy(database: Path, raw: Path, folder: Path) -> Place:
    """A copy of database and raw files; the raw views read the copied files."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = Path(shutil.copy(database, folder / database.name))
    shutil.copytree(raw, folder / "raw")
    place = Place(copy, folder / "raw", folder / "exports", folder / "backups", (folder / "logs",))

    def moved(query: str, source: str) -> str:
        # Whatever folder the build read, its files are <folder>/<source>/<file>, or what a CSV file there is converted to.
        parts = query.split("'")
        for number, part in enumerate(parts):
            file = folder / "raw" / source / Path(part).name
            if part.endswith(".parquet"):
                csv_file = file.with_name(f"{file.stem.rpartition('-')[0]}.csv")
                parts[number] = str(file if file.exists() else readable(csv_file, place.landed).absolute())
        return "'".join(parts)

    with duckdb.connect(str(copy)) as connection:
        views = connection.execute(
            "select sql, schema_name from duckdb_views() where sql like '%read_parquet%' and not internal"
        ).fetchall()
        for statement, source in views:
            connection.execute(moved(statement, source).replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
        queries = "select numbered_query, source_name, table_name from main.raw_files where numbered_query is not null"
        for query, source, table in connection.execute(queries).fetchall():
            connection.execute(
                "update main.raw_files set numbered_query = ? where source_name = ? and table_name = ?",
                [moved(query, source), source, table],
            )
    return place


def chosen_people(place: Place, count: int) -> list[str]:
    """Customers of as many sources as there are, those with the most first."""
    with opened(place, read_only=True) as connection:
        rows = connection.execute(
            "select customer_id from marts.customers order by source_count desc, record_count desc, customer_id limit ?",
            [count],
        ).fetchall()
    return [str(customer_id) for (customer_id,) in rows]


def needles_of(place: Place, customer_ids: list[str]) -> list[str]:
    """E-mails, phones, devices and record ids of people, names with addresses as the golden record has them."""
    found: set[str] = set()
    with opened(place, read_only=True) as connection:
        tables = inventory(connection)
        orders: set[str] = set()
        addresses: set[str] = set()
        for customer_id in customer_ids:
            subject = find_subject(connection, customer_id, tables)
            found.update(subject.contact_values(), subject.values["record_id"])
            orders.update(subject.values.get("shopify.order", set()))
            addresses.update(subject.values.get("shopify.customer_address", set()))
        # A street that others live in or had something sent to is not theirs alone.
        rows = connection.execute(
            """
            select street_address
            from identity.identity_records as records
            left join identity.customer_ids as ids on records.record_id = ids.record_id
            where street_address is not null
            group by street_address
            having bool_and(coalesce(list_contains($1, ids.customer_id), false))
            except
            select shipping_address_address_1 from shopify."order" where not list_contains($2, cast(id as varchar))
            except
            select address_1 from shopify.customer_address where not list_contains($3, cast(id as varchar))
            """,
            [customer_ids, sorted(orders), sorted(addresses)],
        ).fetchall()
    found.update(str(street) for (street,) in rows)
    return sorted(needle for needle in found if len(needle) >= SHORTEST_NEEDLE)


def decoded_texts(path: Path) -> str:
    """All texts of a Parquet file; its bytes alone are compressed."""
    with duckdb.connect() as connection:
        return _texts(connection, f"read_parquet('{path}')")


def _texts(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    columns = [
        str(row[0])
        for row in connection.execute(f"describe select * from {relation}").fetchall()
        if "VARCHAR" in str(row[1])
    ]
    if not columns:
        return ""
    lists = ", ".join(f"""string_agg(distinct cast("{column}" as varchar), '\n')""" for column in columns)
    row = connection.execute(f"select {lists} from {relation}").fetchall()[0]
    return "\n".join(text for text in row if text)


def table_texts(database: Path, with_raw: bool) -> dict[str, str]:
    """All texts of each table of a database, and of each raw view."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = inventory(connection)
        return {
            f"{table.schema}.{table.name}": _texts(connection, table.full_name)
            for table in tables
            if with_raw or not table.is_raw
        }


def held(content: bytes, needles: list[str]) -> list[str]:
    """The needles that stand in some bytes. All are looked for at once, by their first eight bytes; each has that many."""
    if len(content) < SHORTEST_NEEDLE or not needles:
        return []
    by_start: dict[bytes, list[str]] = {}
    for needle in needles:
        by_start.setdefault(needle.encode()[:SHORTEST_NEEDLE], []).append(needle)
    wanted = np.sort(np.frombuffer(b"".join(by_start), dtype="<u8"))
    is_possible = np.zeros(1 << 16, dtype=bool)
    is_possible[wanted & 0xFFFF] = True
    found: list[str] = []
    for offset in range(SHORTEST_NEEDLE):
        words = np.frombuffer(
            content, dtype="<u8", offset=offset, count=max(0, len(content) - offset) // SHORTEST_NEEDLE
        )
        words = words[is_possible[words & 0xFFFF]]
        for word in np.unique(words[np.isin(words, wanted)]):
            found += [needle for needle in by_start[word.tobytes()] if needle.encode() in content]
    return sorted(set(found))


def findings(place: Place, needles: list[str], folders: list[Path], with_raw: bool = True) -> dict[str, list[str]]:
    """Where the needles are: tables, bytes of the database file, files of folders (Parquet decoded). Empty when nowhere."""
    found: dict[str, list[str]] = {}
    for name, text in table_texts(place.database, with_raw).items():
        found[name] = held(text.encode(), needles)
    for path in [
        place.database,
        *(file for folder in folders if folder.exists() for file in sorted(folder.rglob("*"))),
    ]:
        if path.is_file():
            decoded = decoded_texts(path).encode() if path.suffix == ".parquet" else b""
            found[str(path)] = held(path.read_bytes() + b"\0" + decoded, needles)
    return {name: hits for name, hits in found.items() if hits}


def changed_rows(before: Path, after: Path, erased: list[str]) -> dict[str, int]:
    """Rows of people who were not erased that only one of two databases has, by figure; empty when nothing changed."""
    changed = {}
    gone = ", ".join(f"'{customer_id}'" for customer_id in erased)
    for name, query in OTHERS.items():
        rows = []
        for database in (before, after):
            with duckdb.connect(str(database), read_only=True) as connection:
                found = connection.execute(
                    f"select * from ({query}) where coalesce(customer_id, '') not in ({gone})"
                ).fetchall()
                rows.append({str(row) for row in found})
        if rows[0] != rows[1]:
            changed[name] = len(rows[0] ^ rows[1])
    return changed


def check_erasure(place: Place, original: Path, count: int) -> Erased:
    """Backup, export, erase, restore: asserts what each of them promises. KINDRED_SUPPRESSION_KEY has to be set."""
    key = Key.from_environment()
    with opened(place, read_only=True) as connection:
        assert uncovered(inventory(connection)) == []
    people = chosen_people(place, count)
    needles = needles_of(place, people)
    assert len(needles) > count
    searched = [place.raw or place.database.parent, place.exports, *place.logs]

    place.logs[0].mkdir(exist_ok=True)
    (place.logs[0] / "dbt.log").write_text(
        "started\n" + "\n".join(f"failed on {needle}" for needle in needles), encoding="utf-8"
    )
    place.exports.mkdir(exist_ok=True)
    addresses = [needle for needle in needles if "@" in needle]
    # Others' addresses may begin or end like an erased one.
    exported_for_others = "\n".join(["contact", "somebody@else.example", f"jo{addresses[0]}", f"{addresses[0]}.uk", ""])
    (place.exports / "audience.csv").write_text(exported_for_others + "\n".join(addresses), encoding="utf-8")
    backup(place)
    before = findings(place, needles, searched)
    check_export(place, key, people[0], before)
    assert {"marts.customers", "identity.identity_features"} <= set(before)
    sent = send_in_a_new_spelling(place, people[0])
    # One after the other, as people ask for it, and without a build in between.
    erase_subjects(place, key, people[:1])
    assert duckdb.sql(f"select email from read_parquet('{sent}')").fetchall() == [("somebody@else.example",)]
    erase_subjects(place, key, people[1:])
    folders = [place.raw or place.database.parent, place.landed, *place.logs]
    assert findings(place, needles, folders) == {}
    with opened(place, read_only=True) as connection:
        for table in inventory(connection):
            # What reads the raw files still does.
            connection.execute(f"select count(*) from {table.full_name}").fetchall()
    assert (place.exports / "audience.csv").read_text(encoding="utf-8") == exported_for_others
    assert (place.logs[0] / "dbt.log").read_text(encoding="utf-8") == "started\n"
    assert changed_rows(original, place.database, people) == {}

    restore(place, "")
    assert findings(place, needles, folders) == {}
    assert changed_rows(original, place.database, people) == {}
    with opened(place, read_only=True) as connection:
        journal = place.journal.read_text(encoding="utf-8")
        log = str(connection.execute("select * from privacy.operations_log").fetchall())
        assert "replayed" in log
        assert not [needle for needle in needles if needle in log + journal]
    return Erased(people, needles)


def send_in_a_new_spelling(place: Place, customer_id: str) -> Path:
    """A raw file that came after the build: a card of the person, whose address no row has spelled so before, and somebody else's."""
    with opened(place, read_only=True) as connection:
        subject = find_subject(connection, customer_id, inventory(connection))
        email = min(subject.values["email"])
        path = (place.raw or place.database.parent) / "pos" / "member.20990101.parquet"
        connection.execute(
            f"copy (from (values ('M-NEW-1', '  {email.upper()}'), ('M-NEW-2', 'somebody@else.example')) as t(member_id, email))"
            f" to '{path}' (format parquet)"
        )
    return path


def check_export(place: Place, key: Key, customer_id: str, found: dict[str, list[str]]) -> None:
    """Every table in which one of the person's own identifiers stands is in the export, with source and purposes.

    `found` is where identifiers of this person and of others are.
    """
    own = set(needles_of(place, [customer_id]))
    holding = {name for name, needles in found.items() if own & set(needles) and not Path(name).is_file()}
    outcome = export_subject(place, key, customer_id)
    (path,) = place.exports.glob("subject-*.json")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert holding <= {table["table"] for table in document["tables"]}
    assert {"purposes", "identifiers", "tables"} <= set(document)
    assert {table["source"] for table in document["tables"]} > {"derived"}
    assert outcome.rows == sum(len(table["rows"]) for table in document["tables"])
    # Large tables are searched column by column; here all are taken for large.
    with mock.patch.object(search, "SMALL", 0):
        assert export_subject(place, key, customer_id).hits == outcome.hits


def main() -> None:
    """Check many people on a copy of a larger database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    os.environ.setdefault(KEY_VARIABLE, "a key that is used for this check only")
    place = place_copy(given.database, given.raw, given.folder)
    erased = check_erasure(place, given.database, given.people)
    print(f"{len(erased.customer_ids)} people erased; none of {len(erased.needles)} identifiers of theirs is left")


if __name__ == "__main__":
    main()
