"""Spark reads all of the project's SQL and finds every table, column, function and type in it; it computes nothing here."""

import pytest

from tests.python.engines.spark_project import Analysis, SparkProject


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SparkProject:
    return SparkProject(tmp_path_factory.mktemp("spark"))


@pytest.fixture(scope="module")
def analysis(project: SparkProject) -> Analysis:
    return project.analysis()


def test_every_model_and_test_is_read(project: SparkProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(project.nodes) > 1000
    assert project.unreadable() == {}
    with capsys.disabled():
        print(f"\nRead by Spark: {len(project.nodes)} models, tests and seeds.")


def test_every_model_is_resolved(analysis: Analysis, capsys: pytest.CaptureFixture[str]) -> None:
    assert analysis.analysed > 200
    assert analysis.refused == {}
    with capsys.disabled():
        print(f"\nResolved by Spark over empty tables: {analysis.analysed} SQL models.")


def test_contracts_hold_on_spark(analysis: Analysis) -> None:
    assert analysis.other_columns == {}


def test_hashes_are_numbers_from_zero_up(project: SparkProject) -> None:
    # Records are drawn by the remainder of a hash; one below zero would draw nobody.
    hashed = [node.compiled_code for node in project.nodes.values() if "xxhash64(" in (node.compiled_code or "")]
    assert hashed
    assert all(code.count("xxhash64(") == code.count("shiftrightunsigned(xxhash64(") for code in hashed)


def test_cores_follow_proofs_from_record_to_record(project: SparkProject) -> None:
    # A chain from a to e over four values, whose links stand in no order; f and g prove each other but not the core.
    links = {"9": "ab", "3": "bc", "7": "cd", "1": "de", "5": "fg", "8": "ac"}
    sightings = [("c1", record, "card", value, True) for value, records in links.items() for record in records]
    columns = "customer_id string, record_id string, identifier_type string, identifier_value string, is_strong boolean"
    project.session.createDataFrame(sightings, columns).createOrReplaceTempView("sightings")
    code = project.nodes["model.kindred.int_customer_core_records"].compiled_code
    core = project.session.sql(code.replace("intermediate.int_customer_identifier_sightings", "sightings"))
    assert sorted(row.record_id for row in core.collect()) == ["a", "b", "c", "d", "e"]
