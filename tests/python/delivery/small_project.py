"""The project's own segment and activation models, run by dbt on small tables that stand for everything upstream of them."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[3]
# Run as they are. Whatever else they refer to is a table in schema `upstream`, which the test writes.
REAL = (
    "models/marts/segments",
    "models/marts/activation",
    "models/marts/_groups.yml",
    "models/marts/customers/customers.sql",
    "models/marts/customers/int_customer_orders.sql",
    "models/marts/customers/int_customer_rfm.sql",
    "models/marts/customers/int_customer_lifecycle.sql",
    "models/marts/customers/int_customer_overall_preferences.sql",
    "models/identity/customer_id_redirects.sql",
)
REPORTS = (
    "segment_monitoring",
    "segment_overlaps",
    "segment_size_history",
    "segment_membership_events",
    "activation_monitoring",
)
REFERENCE = re.compile(r"ref\(\s*'(\w+)'\s*\)")
STUB = "{{ config(materialized='view', schema='upstream') }}\nselect 1 as one\n"


class SmallProject:
    """A copy of part of the project in a folder of its own, parsed once."""

    def __init__(self, folder: Path, lifetimes: dict[str, int]) -> None:
        """`lifetimes`: days after which a stay in a segment ends, in addition to what is declared."""
        self.folder = folder
        self.database = folder / "small.duckdb"
        # Another test of this process may have left dbt with a database of its own.
        self.close()
        shutil.copytree(PROJECT / "macros", folder / "macros")
        shutil.copytree(PROJECT / "tests" / "generic", folder / "tests" / "generic")
        for name in REAL:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT / name).is_dir():
                shutil.copytree(PROJECT / name, folder / name)
            else:
                shutil.copy(PROJECT / name, folder / name)
        for described in folder.glob("models/**/*.yml"):
            content = yaml.safe_load(described.read_text(encoding="utf-8"))
            content.pop("unit_tests", None)
            described.write_text(yaml.safe_dump(content), encoding="utf-8")
        models = {file.stem for file in folder.glob("models/**/*.sql")}
        wanted = {
            name
            for file in [
                *folder.glob("models/**/*.*"),
                *folder.glob("macros/segments/*"),
                *folder.glob("macros/activation/*"),
                *folder.glob("macros/customers/*"),
            ]
            if file.is_file()
            for name in REFERENCE.findall(file.read_text(encoding="utf-8"))
        }
        self.upstream = sorted(wanted - models)
        (folder / "models" / "upstream").mkdir()
        for name in self.upstream:
            (folder / "models" / "upstream" / f"{name}.sql").write_text(STUB, encoding="utf-8")
        project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
        project["on-run-start"] = []
        for segment in project["vars"]["segments"]:
            if segment["name"] in lifetimes:
                segment["time_to_live_days"] = lifetimes[segment["name"]]
        project.pop("seeds", None)
        (folder / "dbt_project.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
        profile = {"type": "duckdb", "path": str(self.database), "threads": 2, "settings": {"TimeZone": "UTC"}}
        (folder / "profiles.yml").write_text(
            yaml.safe_dump({"kindred": {"target": "small", "outputs": {"small": profile}}}), encoding="utf-8"
        )
        self._manifest: Any = None

    def dbt(self, *arguments: str) -> list[str]:
        """Run a dbt command and return what it warns of; fails with what dbt says."""
        messages: list[str] = []

        def listen(event: Any) -> None:
            if event.info.level in ("warn", "error"):
                messages.append(event.info.msg)

        here = Path.cwd()
        paths = ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]
        try:
            result = dbtRunner(manifest=self._manifest, callbacks=[listen]).invoke(
                [
                    "--quiet",
                    "--log-level-file",
                    "none",
                    *arguments,
                    *paths,
                    "--target-path",
                    str(self.folder / "target"),
                ]
            )
        finally:
            os.chdir(here)
        assert result.success, "\n".join([*messages, str(result.exception or "")])
        if arguments[0] == "parse":
            self._manifest = result.result
        return messages

    def parse(self) -> None:
        """Read the project; the runs after this use what was read."""
        self._manifest = None
        self.dbt("parse")

    def run(self, *options: str) -> list[str]:
        """Build every model that is not upstream, but for those that only report; returns what is warned of."""
        return self.dbt("run", "--no-write-json", *options, "--exclude", "path:models/upstream", *REPORTS)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection to the database that dbt works on; to be closed before dbt goes on."""
        environment = DuckDBConnectionManager._ENV
        if environment is not None and environment.conn is not None:
            return environment.conn.cursor()
        return duckdb.connect(str(self.database))

    def close(self) -> None:
        """Let go of the database, which dbt keeps open for as long as the process lives."""
        DuckDBConnectionManager.close_all_connections()
