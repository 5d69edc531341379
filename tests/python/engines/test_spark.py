"""Spark reads all of the project's SQL and finds every table, column, function and type in it; it computes nothing here."""

import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed here: make check-spark")
pytest.importorskip("dbt.adapters.spark", reason="dbt-spark is not installed here: make check-spark")

from tests.python.engines.spark_project import Analysis, SparkProject

#: What Spark does not do: a recursion that leaves out what it has reached before (`union`).
NOT_ON_SPARK = {"int_customer_core_records": "UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SparkProject:
    return SparkProject(tmp_path_factory.mktemp("spark"))


@pytest.fixture(scope="module")
def analysis(project: SparkProject) -> Analysis:
    return project.analysis()


def test_every_model_and_test_is_read(project: SparkProject) -> None:
    assert len(project.nodes) > 1000
    assert project.unreadable() == {}


def test_every_model_is_resolved(analysis: Analysis) -> None:
    assert analysis.analysed > 200
    assert {name: why for name, why in analysis.refused.items() if NOT_ON_SPARK.get(name, "none") not in why} == {}


def test_what_is_not_on_spark_still_is_not(analysis: Analysis) -> None:
    assert NOT_ON_SPARK.keys() == analysis.refused.keys()


def test_contracts_hold_on_spark(analysis: Analysis) -> None:
    assert analysis.other_columns == {}
