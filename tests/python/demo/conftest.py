"""One small base and one day after it, made once for all tests of the demo data."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from python_udfs.demo.generate import Request, generate

PEOPLE = 3_000


class World:
    """The written files, read through DuckDB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = duckdb.connect()

    def rows(self, query: str) -> list[tuple]:
        """Result of a query; `{source.table}` stands for the base, `{source.table@1}` for the file of day 1."""
        for path in sorted(self.folder.glob("*/*.parquet")):
            name, _, day = path.stem.partition(".day")
            mark = f"{path.parent.name}.{name}" + (f"@{int(day)}" if day else "")
            query = query.replace("{" + mark + "}", f"read_parquet('{path}')")
        return self.connection.sql(query).fetchall()

    def value(self, query: str) -> object:
        """The only value of a query."""
        return self.rows(query)[0][0]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("demo")
    generate(Request(PEOPLE, 5, folder))
    generate(Request(PEOPLE, 5, folder, day=1))
    generate(Request(PEOPLE, 5, folder, day=2))
    return World(folder)
