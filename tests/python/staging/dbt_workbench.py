"""Run dbt on raw files of one source, in a database of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[3]
SOURCES = [
    "shopify",
    "hubspot",
    "salesforce",
    "zendesk",
    "klaviyo",
    "segment",
    "pos",
    "survey",
    "reviews",
    "consent",
    "thirdparty",
    "enrichment",
    "people",
    "truth",
]
SELECTION = ["path:models/staging", "junk_values", "raw_tables", "rejected_rows", "rejected_values", "row_accounting"]


@dataclass
class Run:
    """A finished dbt run: its output and the database it left."""

    returncode: int
    output: str
    database: Path

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Rows of a query on the database of the run."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()


class Workbench:
    """A raw folder and a database. The paths stay the same over all runs, so that dbt parses the project once."""

    def __init__(self, folder: Path, sources: list[str], project: Path = PROJECT) -> None:
        self._project = project
        self.raw = folder / "raw"
        self.database = folder / "kindred.duckdb"
        self._folder = folder
        self._vars = [f"{name}_enabled: {str(name in sources).lower()}" for name in SOURCES]

    def clear(self) -> None:
        """Remove raw files, converted files and the database of the run before."""
        shutil.rmtree(self.raw, ignore_errors=True)
        shutil.rmtree(self._folder / "landed", ignore_errors=True)
        self.database.unlink(missing_ok=True)
        self.raw.mkdir()

    def build(self, **variables: str) -> Run:
        """Build the staging of the enabled sources and what is counted about it, with every data test."""
        excluded = ["--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"]
        return self._dbt("build", *excluded, "--select", *SELECTION, variables=variables)

    def ask(self, query: str) -> Run:
        """Ask the database a question, as an analyst does between two builds."""
        return self._dbt("show", "--inline", query)

    def _dbt(self, command: str, *arguments: str, variables: dict[str, str] | None = None) -> Run:
        environment = {**os.environ, "KINDRED_RAW": str(self.raw), "KINDRED_DATABASE": str(self.database)}
        dbt = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "--warn-error"]
        options = ["--target-path", str(self._folder / "target"), "--log-path", str(self._folder / "logs")]
        chosen = self._vars + [f"{name}: {value}" for name, value in (variables or {}).items()]
        done = subprocess.run(
            [*dbt, command, *options, "--vars", "{" + ", ".join(chosen) + "}", *arguments],
            cwd=self._project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr, self.database)
