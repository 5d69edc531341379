"""The dbt-duckdb plugin of this project: looks at the raw files and the declarations, and opens an encrypted database with its key."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.events.base_types import EventLevel
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection
from duckdb.sqltypes import VARCHAR

from python_udfs.database import CATALOG, EncryptionError, attach
from python_udfs.privacy.keys import SuppressionKeyError
from python_udfs.privacy.screen import screen_tables
from python_udfs.raw.inspect import inspect_tables
from python_udfs.raw.unread import shortened, unread_files
from python_udfs.segments.declarations import closest, declared_at, unknown_variable
from python_udfs.segments.trial import first_refused


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt-duckdb ships no types
    """Profile config: `raw` = folder with `<source>/<table>.parquet|.csv`; `encrypted_database` = the file to open with the key.

    An empty folder name means that there are no raw files: the tables are in the database already. The key is not part of the
    profile, because dbt shows those; the profile attaches the same file, which does nothing once it is attached here.
    """

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Remember the raw folder and where converted CSV files are kept: beside the database file."""
        raw = str(plugin_config.get("raw") or "").strip()
        self._raw = Path(raw).absolute() if raw else None
        self._encrypted = str(plugin_config.get("encrypted_database") or "")
        self._read_only = bool(plugin_config.get("read_only"))
        database = self._encrypted or (str(self.creds.path) if self.creds is not None else ":memory:")
        folder = Path(gettempdir()) / "kindred" if database.startswith(":memory:") else Path(database).absolute().parent
        self._landed = folder / "landed"
        # An in-memory database has no past, so nobody was erased from it.
        self._database = None if database.startswith(":memory:") else Path(database).absolute()

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register what looks at the raw files and what errors in segments need; attach an encrypted database."""
        conn.create_function(
            "kindred_inspect_raw",
            self._inspect,
            [VARCHAR],
            VARCHAR,
            null_handling="special",
            side_effects=True,  # the files may change between two calls of one process
        )
        conn.create_function("kindred_declared_at", declared_at, [VARCHAR] * 3, VARCHAR)
        conn.create_function("kindred_closest", closest, [VARCHAR] * 2, VARCHAR)
        conn.create_function("kindred_unknown_variable", unknown_variable, [VARCHAR] * 2, VARCHAR)
        conn.create_function("kindred_first_refused", first_refused, [VARCHAR], VARCHAR)
        if self._encrypted:
            try:
                attach(conn, Path(self._encrypted), CATALOG, self._read_only)
            except EncryptionError as problem:
                raise DbtRuntimeError(str(problem)) from None

    def _inspect(self, declared: str) -> str:
        if self._raw is None:
            return json.dumps({"enabled": False, "errors": [], "tables": []})
        tables = json.loads(declared)
        inspection = inspect_tables(self._raw, self._landed, tables)
        if self._database is not None:
            try:
                screen_tables(self._database, self._landed, inspection["tables"])
            except (SuppressionKeyError, ValueError) as problem:
                inspection["errors"].append(str(problem))
        for notice in [*inspection["notices"], *shortened(unread_files(self._raw, tables))]:
            fire_event(Note(msg=notice), level=EventLevel.WARN)
        return json.dumps(inspection)
