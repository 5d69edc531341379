"""The project as Spark sees it: compiled by dbt-spark over empty raw tables, then read and analysed by Spark itself.

Nothing is computed. Every raw table is there without rows, and so is every model once Spark has told what columns
it has, so that the models after it find them: what is wrong with a statement shows without data.

Who imports this needs Spark. `make test` does without, since Spark takes a Java of its own and 500 MB of packages:
the tests that need it are skipped there and say what is missing.
"""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("pyspark", reason="pyspark is not installed here: make check-spark")
pytest.importorskip("dbt.adapters.spark", reason="dbt-spark is not installed here: make check-spark")
if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
    pytest.skip("pyspark is installed here, but no Java 17 for it to run on", allow_module_level=True)

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

from python_udfs.spark import run_python_models_in_session, spark_type

PROJECT = Path(__file__).parents[3]
#: Raw tables of these sources are all text, as a CSV brings them, so that every conversion from text is compiled.
#: Those of the others have the declared types.
TEXT_SOURCES = ("pos", "survey", "people")


@dataclass
class Analysis:
    """What Spark said of the models."""

    #: Why a model is refused, by its name: the class of the error and its first line.
    refused: dict[str, str] = field(default_factory=dict)
    #: Columns whose name or type is not the declared one, by the name of the model: `name type` as analysed and as declared.
    other_columns: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    #: Models that were analysed.
    analysed: int = 0


def spark_session(folder: Path) -> SparkSession:
    """A small local Spark, whose tables lie in `warehouse`, and in whose process dbt runs Python models.

    Nothing is compiled: the data are few, and the statements many and long.
    """
    run_python_models_in_session()
    settings = {
        "spark.driver.memory": "3g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        # Timestamps of this project are UTC without a zone; of Spark's two kinds they are the one that SQL makes by itself.
        "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def dbt_options(folder: Path, threads: int) -> list[str]:
    """Options of dbt for the session of this process, with a profile in the folder, where dbt writes all that it writes."""
    profile = {"type": "spark", "method": "session", "host": "none", "schema": "main", "threads": threads}
    profiles = {"kindred": {"target": "spark", "outputs": {"spark": profile}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles), encoding="utf-8")
    options = ["--quiet", "--project-dir", str(PROJECT), "--profiles-dir", str(folder), "--no-partial-parse"]
    return [*options, "--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]


class SparkProject:
    """The project, compiled for a Spark session of this process."""

    def __init__(self, folder: Path) -> None:
        self.session = spark_session(folder)
        options = dbt_options(folder, threads=1)
        parsed = dbtRunner().invoke(["parse", *options])
        if not parsed.success:
            raise RuntimeError(f"dbt cannot parse the project for Spark: {parsed.exception}")
        self.manifest: Any = parsed.result
        self._create_raw_tables()
        compiled = dbtRunner(manifest=self.manifest).invoke(["compile", *options])
        if not compiled.success:
            raise RuntimeError(f"dbt cannot compile the project for Spark: {compiled.exception or compiled.result}")
        self.nodes: dict[str, Any] = {each.node.unique_id: each.node for each in compiled.result.results}

    def _create_raw_tables(self) -> None:
        nodes = [*self.manifest.sources.values(), *self.manifest.nodes.values()]
        for schema in sorted({node.schema for node in nodes}):
            self.session.sql(f"create database if not exists `{schema}`")
        for source in self.manifest.sources.values():
            is_text = source.source_name in TEXT_SOURCES
            columns = [
                (column.name, "string" if is_text else spark_type(column.data_type or "varchar"))
                for column in source.columns.values()
            ]
            self._create_table(source.schema, source.identifier, columns)

    def _create_table(self, schema: str, name: str, columns: list[tuple[str, str]]) -> None:
        listed = ", ".join(f"`{column}` {kind}" for column, kind in columns)
        self.session.sql(f"create table `{schema}`.`{name}` ({listed}) using parquet")

    def _create_declared(self, node: Any) -> None:
        """Table of what cannot be asked of Spark: seeds, Python models, and what it refuses."""
        if node.resource_type == "seed":
            types = node.config.column_types
            with (PROJECT / node.original_file_path).open(encoding="utf-8") as file:
                columns = [
                    (name, spark_type(types.get(name, "varchar"))) for name in file.readline().strip().split(",")
                ]
        else:
            columns = [(column.name, spark_type(column.data_type)) for column in node.columns.values()]
        self._create_table(node.schema, node.alias, columns)

    def unreadable(self) -> dict[str, str]:
        """What Spark's parser says of the statements that it cannot read, by the name of the model or test."""
        session: Any = self.session
        parser = session._jsparkSession.sessionState().sqlParser()
        refused = {}
        for node in self.nodes.values():
            if node.resource_type in ("model", "test") and node.compiled_code and node.language == "sql":
                try:
                    parser.parsePlan(node.compiled_code)
                except Exception as error:
                    refused[node.name] = reason(error)
        return refused

    def analysis(self) -> Analysis:
        """Every model resolved by Spark in the order of the project: tables, columns, functions and types."""
        result = Analysis()
        for node in self._in_order():
            if node.resource_type == "seed" or (node.resource_type == "model" and node.language == "python"):
                self._create_declared(node)
            elif node.resource_type == "model" and node.config.materialized != "ephemeral":
                self._analyse(self.nodes[node.unique_id], result)
        return result

    def _analyse(self, node: Any, result: Analysis) -> None:
        try:
            frame = self.session.sql(node.compiled_code)
        except Exception as error:
            result.refused[node.name] = reason(error)
            self._create_declared(node)
            return
        result.analysed += 1
        columns = [(each.name, each.dataType.simpleString()) for each in frame.schema]
        declared = [(column.name, spark_type(column.data_type or "")) for column in node.columns.values()]
        if node.config.contract.enforced and sorted(columns) != sorted(declared):
            found, wanted = set(columns) - set(declared), set(declared) - set(columns)
            result.other_columns[node.name] = (sorted(map(" ".join, found)), sorted(map(" ".join, wanted)))
        self._create_table(node.schema, node.alias, columns)

    def _in_order(self) -> list[Any]:
        ordered: dict[str, Any] = {}

        def visit(key: str) -> None:
            node = self.manifest.nodes.get(key)
            if node is not None and key not in ordered and node.resource_type in ("model", "seed"):
                for parent in node.depends_on_nodes:
                    visit(parent)
                ordered[key] = node

        for key in self.manifest.nodes:
            visit(key)
        return list(ordered.values())


def reason(error: Exception) -> str:
    """The first line of what Spark said, without the rest of its stack."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    place = re.search(r"line \d+,? pos \d+", str(error))
    return lines[0][:300] + (f" ({place.group()})" if place else "")
