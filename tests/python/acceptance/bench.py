"""Run the whole project on raw files as a user would: as a command, in a database of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from python_udfs.privacy.journal import journal_path

PROJECT = Path(__file__).resolve().parents[3]
SHARED_DATA = Path(os.environ.get("KINDRED_SHARED_DATA", PROJECT.parent / "shared" / "data"))
SOURCES = (
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
)
DBT = ("-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "--warn-error", "build")
BUILD_COMMAND = ("-m", "python_udfs.build")
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# Tests of a column; what is left is the tests that are queries over several models.
NO_COLUMN_TESTS = (*NO_UNIT_TESTS, "--exclude", "test_type:generic")
Variables = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A finished command and the database it worked on."""

    returncode: int
    output: str
    database: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
            return rows

    def value(self, query: str) -> Any:
        """The only value of a query."""
        return self.rows(query)[0][0]

    def snapshot(self, name: str) -> Run:
        """A copy that later builds on the same database leave alone."""
        folder = self.database.parent / name
        folder.mkdir()
        # The file keeps its name, because views name the database by it.
        return Run(self.returncode, self.output, Path(shutil.copy(self.database, folder / self.database.name)))


def disabled(*sources: str) -> Variables:
    """Variables that switch sources off."""
    return {f"{source}_enabled": False for source in sources}


def check_accounting(run: Run) -> None:
    """Every raw row is used or rejected for a reason, table by table."""
    assert run.value("select count(*) from governance.row_accounting where rows_in > 0"), "no raw table has rows"
    assert run.rows("select * from governance.row_accounting where rows_in <> rows_used + rows_rejected") == []


def check_people(run: Run) -> None:
    """Every person record is in exactly one customer, unless it is declared not to identify anybody."""
    lost = run.rows(
        """
        select records.record_id, records.is_identifiable, count(ids.customer_id)
        from identity.identity_records as records
        left join identity.customer_ids as ids on records.record_id = ids.record_id
        left join marts.customers as customers on ids.customer_id = customers.customer_id
        group by all
        having count(customers.customer_id) <> case when records.is_identifiable then 1 else 0 end
        """
    )
    assert lost == []


class Bench:
    """One place to build in. dbt parses the project anew when the raw folder or the database of the profile moves,

    so raw folders and databases come to the bench: the raw folder by a link, the database by renaming.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._targets: dict[str, Path] = {}
        self.raw = folder / "raw"
        self.database = folder / "kindred.duckdb"

    def run(
        self, command: Sequence[str], raw: Path, database: Path, *arguments: str, variables: Variables | None = None
    ) -> Run:
        """Run a command of the project's Python; `database` is made, or carried on when it is there."""
        shutil.rmtree(self._folder / "landed", ignore_errors=True)
        self.raw.unlink(missing_ok=True)
        self.raw.symlink_to(raw, target_is_directory=True)
        for leftover in self._folder.glob(f"{self.database.name}*"):
            leftover.unlink()
        journal = journal_path(database)
        for file in (database, journal):
            if file.exists():
                file.rename(self._folder / file.name.replace(database.name, self.database.name))
        done = subprocess.run(
            [sys.executable, *command, *self.options(variables), *arguments],
            cwd=PROJECT,
            env={**os.environ, "KINDRED_RAW": str(self.raw), "KINDRED_DATABASE": str(self.database), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
        database.parent.mkdir(parents=True, exist_ok=True)
        for file, home in ((self.database, database), (journal_path(self.database), journal)):
            if file.exists():
                file.rename(home)
        return Run(done.returncode, done.stdout + done.stderr, database)

    def options(self, variables: Variables | None) -> list[str]:
        """Options of dbt; each set of variables has a target folder, so that each is parsed once."""
        declared = json.dumps(variables or {}, sort_keys=True)
        target = self._targets.setdefault(declared, self._folder / f"target{len(self._targets)}")
        folders = ["--target-path", str(target), "--log-path", str(self._folder / "logs")]
        return [*folders, "--threads", "2", "--vars", declared]

    def build(self, raw: Path, database: Path, *arguments: str, variables: Variables | None = None) -> Run:
        """`dbt build` of everything with warnings as errors; fails the test with dbt's output if that does."""
        run = self.run(DBT, raw, database, *arguments, variables=variables)
        assert run.returncode == 0, run.output
        return run

    def compiled(self, sql: str, folder: Path) -> str:
        """`sql` with its macros as the engine gets it; nothing is built. `folder` is used for an empty database."""
        (folder / "raw").mkdir(parents=True, exist_ok=True)
        command = (*DBT[:-1], "--quiet", "compile", "--output", "json")
        run = self.run(command, folder / "raw", folder / "empty.duckdb", "--inline", sql)
        assert run.returncode == 0, run.output
        compiled: str = json.loads(run.output[run.output.index("{") :])["compiled"]
        return compiled
