"""Keep erased people out: find their rows in raw files that came since, by keyed hash.

A file is looked at once. What is kept about it is the positions of the rows to leave out, no value of them, so the raw view
can leave them out in every later run, without the key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from phonenumbers import SUPPORTED_REGIONS

from python_udfs.normalize.batches import Junk
from python_udfs.normalize.countries import normalize_country
from python_udfs.normalize.emails import normalize_email
from python_udfs.normalize.phones import normalize_phone
from python_udfs.privacy.ages import observed_at
from python_udfs.privacy.inventory import Table, quote, raw_table
from python_udfs.privacy.journal import Entry, erasures_of, read_journal, readmitted_hashes, suppressed_hashes
from python_udfs.privacy.keys import Key
from python_udfs.privacy.raw_files import columns_of, drop_rows, literal, matching_rows, readable
from python_udfs.privacy.subject import IDENTIFIER_KINDS
from python_udfs.raw.csv_files import cache_name

Hashes = dict[str, frozenset[str]]
NO_JUNK: Junk = {
    "email": frozenset(),
    "email_local_part": frozenset(),
    "email_domain": frozenset(),
    "phone": frozenset(),
    "country": frozenset(),
}
PHONE_TAIL = "phone_tail"
_TAIL_DIGITS = 6


@dataclass(frozen=True)
class Recognizer:
    """Tells whether a raw value is one of an erased person.

    readmitted: hashes that rows may have again, with the time from which on they may have been observed.
    """

    key: Key
    hashes: Hashes
    default_country: str
    readmitted: dict[str, str] = field(default_factory=dict)

    def is_known(self, kind: str, value: str) -> bool:
        """True when the value, as it stands, was erased as one of this kind."""
        return self.key.hash(kind, value) in self.hashes.get(kind, frozenset())

    def is_suppressed(self, kind: str, value: str, country: str | None = None) -> bool:
        """True when the raw value is one of an erased person, let in again or not."""
        return bool(self.recognized(kind, value, country))

    def let_in_from(self, kind: str, value: str, country: str | None = None) -> str | None:
        """The time from which on rows may have been observed that have the raw value of an erased person; None: they stay out."""
        times = [self.readmitted.get(self.key.hash(kind, form)) for form in self.recognized(kind, value, country)]
        given = [time for time in times if time is not None]
        return max(given) if given and len(given) == len(times) else None

    def recognized(self, kind: str, value: str, country: str | None = None) -> list[str]:
        """The forms of a raw value that are an erased person's: e-mail addresses and phone numbers in any usual spelling."""
        if kind == "email":
            email, _ = normalize_email(value, NO_JUNK)
            return [email] if email is not None and self.is_known(kind, email) else []
        if kind == "phone":
            # Reading a number by the plans of its country is slow; few numbers share the end of an erased one.
            tail = phone_tail(value)
            if not tail or not self.is_known(PHONE_TAIL, tail):
                return []
            code, _ = normalize_country(country, NO_JUNK) if country else (None, None)
            # Without a country of its own a row may be read by that of its owner, which is in another table: any country will do.
            countries = [code] if code else [self.default_country, *sorted(SUPPORTED_REGIONS)]
            phones = {normalize_phone(value, each, NO_JUNK)[0] for each in countries}
            return sorted(phone for phone in phones if phone is not None and self.is_known(kind, phone))
        return [value] if self.is_known(kind, value) else []


def phone_tail(value: str) -> str:
    """The last digits of a phone number, the same in national and international spelling."""
    digits = "".join(char for char in value.removesuffix(".0") if char.isdigit())
    return digits[-_TAIL_DIGITS:] if len(digits) >= _TAIL_DIGITS else ""


def hashes_to_remember(values: Iterable[tuple[str, str]], key: Key) -> dict[str, list[str]]:
    """Pairs of kind and value -> sorted hashes by kind, with the tails of phone numbers."""
    hashes: dict[str, set[str]] = {}
    for kind, value in values:
        hashes.setdefault(kind, set()).add(key.hash(kind, value))
        if kind == "phone":
            hashes.setdefault(PHONE_TAIL, set()).add(key.hash(PHONE_TAIL, phone_tail(value)))
    return {kind: sorted(values) for kind, values in sorted(hashes.items())}


def _country_expression(table: Table, column: str, present: set[str]) -> str:
    columns = table.contract["columns"]
    contract: dict[str, Any] = next((entry for entry in columns if quote(entry["name"]) == column), {})
    countries = [quote(name) for name in contract.get("country_columns", []) if name.lower() in present]
    return f"coalesce({', '.join([*countries, 'null'])})" if countries else "cast(null as varchar)"


def _suppressed_condition(
    connection: duckdb.DuckDBPyConnection,
    parquet: Path,
    kind: str | None,
    value: str,
    extra: str,
    recognizer: Recognizer,
    looked_at: str | None,
    observed: str,
) -> str | None:
    """Condition for the rows with a suppressed value in one column; `extra` is the country, or the kind where kind is None.

    observed: when a row was observed, as SQL; rows of who was let in again are left out before that time, and without any.
    """
    others = f" and cast({value} as varchar) not in ({looked_at})" if looked_at else ""
    rows = connection.execute(
        f"select distinct cast({value} as varchar), cast({extra} as varchar) from read_parquet({literal(parquet)})"
        f" where {value} is not null{others}"
    ).fetchall()
    found: dict[str | None, list[str]] = {}
    for text, other in rows:
        actual = kind or IDENTIFIER_KINDS.get(str(other).lower(), str(other).lower())
        country = other if kind else None
        if recognizer.is_suppressed(actual, text, country):
            pair = f"({_literal(text)}, {_literal(other or '')})"
            found.setdefault(recognizer.let_in_from(actual, text, country), []).append(pair)
    conditions = []
    for since, pairs in found.items():
        condition = f"coalesce((cast({value} as varchar), coalesce(cast({extra} as varchar), '')) in ({', '.join(pairs)}), false)"
        before = f" and coalesce({observed} < cast({_literal(since)} as timestamp), true)" if since else ""
        conditions.append(f"({condition}{before})")
    return " or ".join(conditions) or None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def suppressed_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    parquet: Path,
    recognizer: Recognizer,
    looked_at: dict[str, str] | None = None,
) -> list[int]:
    """Positions of the rows of a raw file that belong to erased people, ascending.

    looked_at: by kind, a query for values that need not be looked at any more; other kinds are not looked at then at all.
    """
    columns = columns_of(connection, parquet)
    present = {name.lower() for name, _ in columns}
    in_file = raw_table(table.schema, table.name, columns, table.contract)
    observed = observed_at(in_file, columns) if recognizer.readmitted else ""
    conditions = []
    for expression, kind in in_file.matches:
        if kind in recognizer.hashes and (looked_at is None or kind in looked_at):
            extra = _country_expression(table, expression, present) if kind == "phone" else "cast(null as varchar)"
            known = looked_at[kind] if looked_at else None
            conditions.append(
                _suppressed_condition(connection, parquet, kind, expression, extra, recognizer, known, observed)
            )
    for type_column, column in in_file.typed_matches:
        known = " union all ".join(looked_at.values()) if looked_at else None
        conditions.append(
            _suppressed_condition(
                connection, parquet, None, quote(column), quote(type_column), recognizer, known, observed
            )
        )
    given = [condition for condition in conditions if condition]
    return matching_rows(connection, parquet, " or ".join(given)) if given else []


class Screening:
    """What is known about each raw file: how many entries of the journal it was checked against, and where its positions are."""

    def __init__(self, folder: Path) -> None:
        """Keep everything in `folder`."""
        self._folder = folder
        self._index = folder / "screened.json"
        self._checked: dict[str, int] = json.loads(self._index.read_text()) if self._index.exists() else {}

    def positions_file(self, path: Path) -> Path:
        """Parquet file with one column, position: the rows of a raw file to leave out."""
        return self._folder / f"{cache_name(path)}.parquet"

    def checked(self, path: Path) -> int:
        """How many erasures the file, as it is now, was checked against."""
        return self._checked.get(cache_name(path), 0)

    def positions(self, path: Path) -> list[int]:
        """The rows of a file that are left out, ascending."""
        file = self.positions_file(path)
        return (
            [int(position) for position in pq.read_table(file).column("position").to_pylist()] if file.exists() else []
        )

    def record(self, path: Path, erasures: int, positions: Iterable[int]) -> None:
        """Note that a file was checked, and add positions to leave out."""
        file = self.positions_file(path)
        together = sorted({*self.positions(path), *positions})
        self._folder.mkdir(parents=True, exist_ok=True)
        if together:
            pq.write_table(pa.table({"position": pa.array(together, pa.int64())}), file)
        self._checked[cache_name(path)] = erasures

    def follow(self, former: str, path: Path) -> None:
        """Note that a file was written anew without the rows left out of it; what still leaves out by position leaves out none.

        former: the cache name that the file had before.
        """
        positions = self._folder / f"{former}.parquet"
        if positions.exists():
            pq.write_table(pa.table({"position": pa.array([], pa.int64())}), positions)
        if checked := self._checked.get(former, 0):
            self.record(path, checked, [])

    def no_positions(self) -> Path:
        """A file of positions without any, for views of files that nothing is left out of."""
        file = self._folder.absolute() / "none.parquet"
        self._folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"position": pa.array([], pa.int64())}), file)
        return file

    def count(self, path: Path) -> int:
        """Rows of a file that are left out."""
        file = self.positions_file(path)
        return int(pq.read_metadata(file).num_rows) if file.exists() else 0

    def save(self) -> None:
        """Write the index, if anything is known."""
        if self._checked:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._index.write_text(json.dumps(self._checked, sort_keys=True))


def rewrite_raw(
    connection: duckdb.DuckDBPyConnection,
    screening: Screening,
    path: Path,
    landed: Path,
    positions: Iterable[int],
    is_theirs: Callable[[str], bool] = lambda _: False,
) -> None:
    """Write a raw file anew without some rows, without those of erased people that were left out of it, and without their malformed lines.

    Raises:
        RawRewriteError: see `drop_rows`.
    """
    before = readable(path, landed).absolute()
    former, left_out = cache_name(before), screening.positions(before)
    drop_rows(connection, path, landed, sorted({*positions, *left_out}), is_theirs)
    screening.follow(former, readable(path, landed).absolute())


def screening_folder(landed: Path) -> Path:
    """Where the screening keeps its files, beside the converted CSV files."""
    return landed / "screened"


def screen_tables(database: Path, landed: Path, tables: list[dict[str, Any]]) -> None:
    """Add to each inspected table `suppressed_rows` and `suppressed`: pairs of raw file and file of positions.

    Raises:
        SuppressionKeyError: people were erased, new files came, and the key is missing or another one.
    """
    entries = read_journal(database)
    for table in tables:
        table["suppressed_rows"], table["suppressed"] = 0, []
    if not entries:
        return
    screening = Screening(screening_folder(landed))
    recognizers: dict[int, Recognizer] = {}
    with duckdb.connect() as connection:
        for declared in tables:
            contract = {key: declared[key] for key in ("source", "table", "schema", "identifier", "columns")}
            for file in map(Path, declared["files"]):
                checked = screening.checked(file)
                if checked < len(entries) and not erasures_of(entries[checked:]):
                    # Nobody was erased since: what is left out stays out, and who was let in again is not in an old file.
                    screening.record(file, len(entries), [])
                elif checked < len(entries):
                    if checked not in recognizers:
                        recognizers[checked] = recognizer_of(entries[checked:], declared.get("default_country") or "US")
                    in_file = raw_table(
                        declared["schema"], declared["identifier"], columns_of(connection, file), contract
                    )
                    positions = suppressed_rows(connection, in_file, file, recognizers[checked])
                    screening.record(file, len(entries), positions)
                left_out = screening.count(file)
                if left_out:
                    declared["suppressed_rows"] += left_out
                    declared["suppressed"].append([str(file), str(screening.positions_file(file))])
            declared["rows"] -= declared["suppressed_rows"]
    screening.save()


def recognizer_of(entries: list[Entry], default_country: str) -> Recognizer:
    """What recognizes the people whom some entries of the journal are about, with the key of the environment."""
    key = Key.from_environment()
    return Recognizer(key, suppressed_hashes(entries, key), default_country, readmitted_hashes(entries))
