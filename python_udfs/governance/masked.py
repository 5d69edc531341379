"""`make masked`: a database of the masked views alone, for people who may not see clear personal data.

DuckDB has no roles, so whoever has the database file has all of it. This file has the masked views as its tables, and neither the clear
data nor what pseudonyms are keyed with.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
from rich.console import Console

from python_udfs.arguments import Parser
from python_udfs.database import EncryptionError, attach_any, catalog_of, workspace

# Told by how they end, in whatever schema var masked_schema has put them: a mart, with the key of pseudonyms.
_MASKED_VIEWS = r"""
    select schema_name, view_name
    from duckdb_views()
    where
        database_name = current_database()
        and regexp_matches(sql, ' AS mart CROSS JOIN [^ ]*\bmasking_key"? AS masking_key\)?;?\s*$')
    order by all
"""


class MaskedError(RuntimeError):
    """There is nothing to write; the message says why and what to do."""


def write_masked(database: Path, out: Path) -> dict[str, int]:
    """Copy each masked view into a table of a new file, which takes the place of an older one when it is whole.

    Args:
        database: A built database, encrypted or not; it is only read.
        out: The file to write, a DuckDB database.

    Returns:
        Rows of each table, by name.

    Raises:
        MaskedError: there is no database, it has no masked views, or it is the file to write.
        EncryptionError: the database is encrypted and cannot be opened with the key of the environment.
    """
    if not database.exists():
        raise MaskedError(f"There is no database {database}: build it first (make run).")
    if out.exists() and out.samefile(database):
        raise MaskedError(f"{out} is the database itself: name another file with OUT.")
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.draft")
    draft.unlink(missing_ok=True)
    rows: dict[str, int] = {}
    try:
        with workspace(database) as connection:
            attach_any(connection, database, catalog_of(database), read_only=True)
            connection.execute(f'use "{catalog_of(database)}"')
            views = connection.execute(_MASKED_VIEWS).fetchall()
            if not views:
                raise MaskedError(f"{database} has no masked views: build it (make run), with var masked_schema.")
            connection.execute(f"attach '{str(draft).replace(chr(39), chr(39) * 2)}' as draft")
            for schema, view in views:
                connection.execute(f'create table draft.main."{view}" as select * from "{schema}"."{view}"')
                ((count,),) = connection.execute(f'select count(*) from draft.main."{view}"').fetchall()
                rows[str(view)] = int(count)
            connection.execute("detach draft")
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(draft.name + ".wal").unlink(missing_ok=True)
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file and say what is in it; returns the exit status."""
    parser = Parser(prog="python -m python_udfs.governance.masked", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("data/masked.duckdb"))
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    try:
        rows = write_masked(Path(os.environ.get("KINDRED_DATABASE", "data/kindred.duckdb")), options.out)
    except (MaskedError, EncryptionError, duckdb.IOException) as error:
        console.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        return 2
    console.print(f"{options.out}: {len(rows)} tables, {sum(rows.values()):,} rows, without clear personal data")
    return 0


if __name__ == "__main__":
    sys.exit(main())
