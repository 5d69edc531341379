"""Convert a CSV file to Parquet once, with every column as text.

Text, because types are decided by the declared contract in staging, where a value that does not fit is counted and
reported, not by a guess from the first rows. Streams: memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

DELIMITERS = ",;\t|"
BLOCK_BYTES = 16 * 1024 * 1024
BLANK_BYTES = 1024


class CsvError(Exception):
    """A CSV file that cannot be read; the message names the file and the remedy."""


@dataclass(frozen=True)
class Landing:
    """Where a CSV file was converted to, and how many of its lines could not be."""

    parquet: Path
    malformed_rows: int


def cache_name(path: Path) -> str:
    """Name of the converted file: changes with the CSV file's path, size and modification time."""
    stat = path.stat()
    digest = hashlib.sha256(f"{path.absolute()}|{stat.st_size}|{stat.st_mtime_ns}".encode()).hexdigest()[:16]
    return f"{path.stem}-{digest}"


def is_blank(path: Path) -> bool:
    """True for a file with nothing in it, or nothing but white space: an export of a day on which nothing happened."""
    with path.open("rb") as file:
        start = file.read(BLANK_BYTES + 1)
    return len(start) <= BLANK_BYTES and not start.removeprefix(codecs.BOM_UTF8).strip()


def header_text(path: Path) -> str:
    """The start of the file as text, without a byte-order mark. Raises CsvError for other encodings than UTF-8."""
    with path.open("rb") as file:
        start = file.read(1024 * 1024)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start[:1000]:
        raise CsvError(f"{path}: the file is not UTF-8 text (it looks like UTF-16). Save it as CSV UTF-8.")
    return start.decode("utf-8-sig", errors="replace")


def find_delimiter(text: str) -> str:
    """The delimiter of the header line: the one of , ; tab | that occurs most outside quotes."""
    counts: Counter[str] = Counter()
    quoted = False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "\r\n":
            break
        elif not quoted and char in DELIMITERS:
            counts[char] += 1
    return counts.most_common(1)[0][0] if counts else ","


def column_names(path: Path, text: str, delimiter: str) -> list[str]:
    """Names from the header record, trimmed; a repeated name gets a number, a blank one is called column_<n>."""
    record = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    if not any(name.strip() for name in record):
        raise CsvError(f"{path}: the file has no header line. Write the column names into the first line.")
    names: list[str] = []
    for number, name in enumerate(record, start=1):
        wanted = name.strip() or f"column_{number}"
        names.append(wanted if wanted not in names else f"{wanted}_{number}")
    return names


def header_lines(text: str, delimiter: str) -> int:
    """How many physical lines the header record spans (a quoted name may hold a line break)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    next(reader, None)
    return max(reader.line_num, 1)


def land_csv(path: Path, folder: Path) -> Landing:
    """Convert `path` to `<folder>/<cache name>.parquet`, unless that was already done.

    Lines with another number of fields than the header are left out, counted, and kept with their line number in
    `<cache name>.malformed.csv` beside it. Raises CsvError when the file cannot be decoded or has no header.
    """
    name = cache_name(path)
    parquet, facts = folder / f"{name}.parquet", folder / f"{name}.json"
    if parquet.exists() and facts.exists():
        return Landing(parquet, int(json.loads(facts.read_text())["malformed_rows"]))
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob(f"{path.stem}-*"):
        if not stale.name.startswith(name) and stale.name[len(path.stem) + 1 :].split(".")[0].isalnum():
            stale.unlink()
    text = header_text(path)
    delimiter = find_delimiter(text)
    names = column_names(path, text, delimiter)
    malformed = _convert(
        path, parquet, folder / f"{name}.malformed.csv", names, delimiter, header_lines(text, delimiter)
    )
    facts.write_text(json.dumps({"malformed_rows": malformed, "delimiter": delimiter}))
    return Landing(parquet, malformed)


def has_open_quote(path: Path) -> bool:
    """True when the file holds an odd number of double quotes."""
    quotes = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            quotes += block.count(b'"')
    return quotes % 2 == 1


def _convert(path: Path, parquet: Path, kept: Path, names: list[str], delimiter: str, skip_lines: int) -> int:
    """Stream the records below the header into Parquet; returns the number of malformed lines."""
    schema = pa.schema([(name, pa.string()) for name in names])
    malformed = 0
    partial = parquet.with_suffix(".partial")
    with kept.open("w", newline="", encoding="utf-8") as kept_file:
        writer = csv.writer(kept_file)
        writer.writerow(["record_number", "expected_fields", "found_fields", "text"])

        def keep(row: pa_csv.InvalidRow) -> str:
            nonlocal malformed
            malformed += 1
            writer.writerow([row.number, row.expected_columns, row.actual_columns, row.text])
            return "skip"

        last: list[str] = []
        try:
            with pq.ParquetWriter(partial, schema, compression="zstd") as out:
                for batch in _read(path, names, delimiter, skip_lines, keep):
                    out.write_batch(batch)
                    if batch.num_rows:
                        last = [str(column[-1].as_py()) for column in batch.columns]
            if any("\n" in value for value in last) and has_open_quote(path):
                raise pa.ArrowInvalid(
                    "a quote is opened and never closed: the last record swallows the rest of the file"
                )
        except (pa.ArrowInvalid, UnicodeDecodeError) as problem:
            partial.unlink(missing_ok=True)
            if "invalid UTF8" in str(problem) or isinstance(problem, UnicodeDecodeError):
                raise CsvError(
                    f"{path}: the file is not UTF-8 text (it looks like Windows-1252 or another encoding of one byte a letter). "
                    "Save it as CSV UTF-8."
                ) from problem
            raise CsvError(
                f"{path}: cannot be read as CSV ({str(problem).splitlines()[0]}). Check that every quote is closed."
            ) from problem
    if malformed == 0:
        kept.unlink()
    partial.replace(parquet)
    return malformed


def _read(
    path: Path, names: list[str], delimiter: str, skip_lines: int, keep: Callable[[pa_csv.InvalidRow], str]
) -> Iterator[pa.RecordBatch]:
    """Record batches of text columns. A file with nothing below the header gives none."""
    try:
        reader = pa_csv.open_csv(
            path,
            read_options=pa_csv.ReadOptions(
                column_names=names, skip_rows=skip_lines, block_size=BLOCK_BYTES, use_threads=False
            ),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=keep),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=False, check_utf8=True
            ),
        )
    except pa.ArrowInvalid as problem:
        if "Empty CSV" in str(problem):
            return
        raise
    yield from reader
