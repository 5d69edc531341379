"""Export the activation tables: `python -m python_udfs.delivery [--out exports]`; to Postgres too when KINDRED_POSTGRES is set.

How far each target has been told is written into `deliveries.deliveries` of the database, which activation_monitoring reads; where files
were written to into `deliveries.folders`, which erasing reads.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb
import psycopg
from rich.console import Console

from python_udfs.arguments import Parser
from python_udfs.database import EncryptionError, connect
from python_udfs.delivery.files import DeliveryError, destinations, export_files, switched_off
from python_udfs.delivery.folders import OF_DESTINATION, exports_folder, record_folder
from python_udfs.delivery.postgres import publish


def record(connection: duckdb.DuckDBPyConnection, target: str) -> None:
    """Note for each destination until which change a target has been told; one row for each of them."""
    connection.execute("create schema if not exists deliveries")
    connection.execute(
        "create table if not exists deliveries.deliveries (destination varchar, target varchar, told_until timestamp,"
        " primary key (destination, target))"
    )
    for destination in destinations(connection):
        connection.execute(
            "insert or replace into deliveries.deliveries"
            f" select ?, ?, max(updated_at) from activation.activation_{destination}_state",
            [destination, target],
        )


def main(arguments: list[str] | None = None) -> int:
    """Export; returns the exit status."""
    parser = Parser(prog="python -m python_udfs.delivery", description=__doc__)
    parser.add_argument(
        "--database", type=Path, default=Path(os.environ.get("KINDRED_DATABASE", "data/kindred.duckdb"))
    )
    parser.add_argument(
        "--out", type=Path, help="folder of the files (default: $KINDRED_EXPORTS, else exports beside the database)"
    )
    parser.add_argument("--schema", default="kindred", help="schema in Postgres")
    options = parser.parse_args(arguments)
    folder: Path = options.out or exports_folder(options.database)
    console = Console(stderr=True)
    conninfo = os.environ.get("KINDRED_POSTGRES", "")
    if not options.database.exists():
        console.print(f"error: {options.database} does not exist. Run `make run` first.", soft_wrap=True)
        return 2
    try:
        with connect(options.database) as connection:
            folder.mkdir(parents=True, exist_ok=True)
            # Before anything is written: an export that breaks off has left files, too.
            record_folder(connection, folder, map(OF_DESTINATION.format, destinations(connection)))
            left = switched_off(connection)
            for written in export_files(connection, folder):
                what = f"{written.changed_rows:,} changed rows" if written.files else "nothing new"
                why = " (switched off: whoever was sent there is to be deleted)" if written.destination in left else ""
                console.print(f"{written.destination}: {what} in {folder / written.destination}{why}", soft_wrap=True)
            # Another folder is a copy for once: whoever reads the folder of the exports has not been told.
            if folder.resolve() == exports_folder(options.database).resolve():
                record(connection, "files")
            else:
                console.print(
                    f"A copy: activation_monitoring goes by {exports_folder(options.database)} (KINDRED_EXPORTS).",
                    soft_wrap=True,
                )
            if conninfo:
                for published in publish(connection, conninfo, options.schema):
                    console.print(
                        f"Postgres {options.schema}.{published.table}: "
                        f"{published.written:,} written, {published.deleted:,} deleted"
                    )
                record(connection, "postgres")
    except (DeliveryError, EncryptionError) as error:
        console.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        return 1
    except (OSError, duckdb.IOException) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        console.print(
            f"error: {options.database} could not be exported to {folder} ({reason}). "
            "Close the program that uses the database, or name a folder that can be written to with OUT.",
            markup=False,
            soft_wrap=True,
        )
        return 1
    except psycopg.OperationalError as error:
        console.print(f"error: Postgres: {error}", markup=False, soft_wrap=True)
        return 1
    except psycopg.Error as error:
        # What Postgres quotes may be somebody's address.
        told = (error.diag.schema_name, error.diag.table_name, error.diag.column_name)
        where = ".".join(filter(None, told)) or ", ".join(getattr(error, "__notes__", []))
        console.print(
            f"error: Postgres could not do it ({type(error).__name__}, {error.sqlstate}{f', {where}' if where else ''}).",
            markup=False,
            soft_wrap=True,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
