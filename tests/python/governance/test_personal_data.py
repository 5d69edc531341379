"""The checks on personal data must find what is planted; the page and the record come from metadata alone."""

from __future__ import annotations

import copy
import csv
import html
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from python_udfs.governance import check, transparency
from python_udfs.governance.inventory import columns, read_manifest, read_purposes
from python_udfs.governance.masked import MaskedError, write_masked

PROJECT = Path(__file__).resolve().parents[3]
PURPOSES = read_purposes(PROJECT / "seeds" / "purposes.csv")
VARIABLES: dict[str, Any] = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the manifest of the project."""
    folder = tmp_path_factory.mktemp("metadata")
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "parse"]
    environment = {**os.environ, "KINDRED_DATABASE": str(folder / "k.duckdb"), "KINDRED_RAW": str(folder)}
    options = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    done = subprocess.run(
        [*command, *options], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "target"


@pytest.fixture
def manifest(target: Path) -> Manifest:
    return read_manifest(target / "manifest.json")


def plant(manifest: Manifest, model: str, name: str, **meta: object) -> Manifest:
    """The manifest with one more column in a model."""
    planted = copy.deepcopy(manifest)
    (node,) = [node for node in planted["nodes"].values() if node["resource_type"] == "model" and node["name"] == model]
    node["columns"][name] = {"name": name, "description": "Planted.", "config": {"meta": meta}, "meta": {}}
    return planted


def problems(manifest: Manifest) -> list[str]:
    found = columns(manifest, PURPOSES)
    return [str(problem) for problem in check.metadata_problems(found, PURPOSES)]


def test_project_is_labelled(manifest: Manifest) -> None:
    assert problems(manifest) == []
    assert list(check.segment_problems(columns(manifest, PURPOSES), VARIABLES)) == []


@pytest.mark.parametrize(
    ("name", "meta", "expected"),
    [
        ("backup_email", {}, "looks like personal data and is not labelled"),
        ("mobile_phone", {}, "looks like personal data and is not labelled"),
        ("last_name", {}, "looks like personal data and is not labelled"),
        ("last_email", {}, "looks like personal data and is not labelled"),
        ("email_at_signup", {}, "looks like personal data and is not labelled"),
        ("emails", {}, "looks like personal data and is not labelled"),
        ("dob", {}, "looks like personal data and is not labelled"),
        ("msisdn", {}, "looks like personal data and is not labelled"),
        ("backup_email", {"pii": "direct"}, "no purpose needs this personal data"),
        ("shoe_size", {"pii": "indirect"}, "no purpose needs this personal data"),
        ("backup_email", {"pii": "private", "purpose": "service"}, "pii class 'private' is unknown"),
        ("backup_email", {"pii": "direct", "purpose": ["resale"]}, "purpose 'resale' is not in the register"),
        ("interest", {"party": "third"}, "without the end of its licence"),
    ],
)
def test_planted_column_is_found(manifest: Manifest, name: str, meta: dict[str, object], expected: str) -> None:
    (problem,) = [text for text in problems(plant(manifest, "customers", name, **meta)) if expected in text]
    assert f"customers.{name}" in problem


@pytest.mark.parametrize(
    ("name", "meta"),
    [
        ("backup_email", {"pii": "direct", "purpose": ["service"]}),
        ("email_address_kind", {"pii": "none"}),
        ("has_backup_email", {}),
        ("backup_email_count", {}),
        ("last_email_at", {}),
        ("interest", {"party": "third", "licence_until": "expires_on"}),
    ],
)
def test_labelled_or_harmless_column_is_no_problem(manifest: Manifest, name: str, meta: dict[str, object]) -> None:
    assert problems(plant(manifest, "customers", name, **meta)) == []


@pytest.mark.parametrize(
    ("model", "name", "meta", "expected"),
    [
        ("stg_hubspot__contacts", "backup_email", {}, "looks like personal data and is not labelled"),
        ("stg_segment__pages", "home_address", {}, "looks like personal data and is not labelled"),
        ("identity_features", "passport", {}, "looks like personal data and is not labelled"),
        ("identity_clusters", "backup_email", {"pii": "secret"}, "pii class 'secret' is unknown"),
        ("stg_hubspot__contacts", "email", {}, ""),
        ("stg_hubspot__contacts", "backup_email", {"pii": "direct"}, ""),
        ("identity_edges", "email_level", {}, ""),
        ("int_customer_records", "backup_email", {}, "looks like personal data and is not labelled"),
    ],
)
def test_layers_below_the_marts_are_checked(
    manifest: Manifest, model: str, name: str, meta: dict[str, object], expected: str
) -> None:
    """There, standard names tell their class and the folder the purposes; what has another name is labelled."""
    found = problems(plant(manifest, model, name, **meta))
    assert len(found) == bool(expected)
    assert all(f"{model}.{name}" in text and expected in text for text in found)


def test_every_layer_has_personal_columns_with_class_purpose_and_retention(manifest: Manifest) -> None:
    personal = [column for column in columns(manifest, PURPOSES) if column.is_personal]
    assert {column.schema for column in personal} == set(VARIABLES["personal_schemas"])
    assert all(column.purposes and column.retention_days for column in personal)


def test_personal_data_in_another_schema_is_found(manifest: Manifest) -> None:
    assert list(check.schema_problems(columns(manifest, PURPOSES), VARIABLES)) == []
    variables = {**VARIABLES, "personal_schemas": ["staging", "identity", "intermediate", "activation"]}
    found = {problem.where for problem in check.schema_problems(columns(manifest, PURPOSES), variables)}
    assert "customers" in found


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ("reports.leads", "in a schema that is not declared"),
        ("marts.leads", "nothing describes it"),
        ("identity.identity_records", ""),
        ("masked.leads", ""),
        ("shopify.leads", ""),
        ("reference.junk_identifiers", ""),
    ],
)
def test_planted_column_of_the_database_is_found(manifest: Manifest, relation: str, expected: str) -> None:
    schema = relation.split(".")[0]
    name = "identifier_value" if schema == "reference" else "email" if schema == "identity" else "backup_email"
    with duckdb.connect() as con:
        con.execute(f"create schema {schema}")
        con.execute(f"create table {relation} as select 1 as {name}, true as has_email")
        found = list(check.database_problems(con, columns(manifest, PURPOSES), manifest, VARIABLES))
    assert [problem.where for problem in found] == ([f"{relation}.{name}"] if expected else [])
    assert all(expected in problem.what for problem in found)


def test_tables_of_a_destination_that_is_switched_off_are_described(manifest: Manifest) -> None:
    off = copy.deepcopy(manifest)
    name = "model.kindred.activation_meta_state"
    off["disabled"][name] = [off["nodes"].pop(name)]
    with duckdb.connect() as con:
        con.execute("create schema activation")
        con.execute("create table activation.activation_meta_state as select 1 as email_norm, 1 as work_email")
        found = list(check.database_problems(con, columns(off, PURPOSES), off, VARIABLES))
    assert [problem.where for problem in found] == ["activation.activation_meta_state.work_email"]


def test_mart_that_no_purpose_needs_is_found(manifest: Manifest) -> None:
    planted = plant(manifest, "customers", "shoe_size")
    (node,) = [node for node in planted["nodes"].values() if node["name"] == "customers"]
    node["config"]["meta"].pop("purpose")
    assert any("customers.shoe_size: no purpose needs this column" in text for text in problems(planted))


def test_retention_is_that_of_the_longest_purpose(manifest: Manifest) -> None:
    (planted,) = [
        column
        for column in columns(
            plant(manifest, "customers", "fax", pii="direct", purpose=["service", "analytics"]), PURPOSES
        )
        if column.name == "fax"
    ]
    assert planted.retention_days == max(PURPOSES["service"].retention_days, PURPOSES["analytics"].retention_days)


@pytest.mark.parametrize(
    ("predicate", "is_found"), [("religion = 'x'", True), ("health_score > 3", True), ("rfm_segment = 'health'", False)]
)
def test_sensitive_attribute_in_a_segment_is_found(manifest: Manifest, predicate: str, is_found: bool) -> None:
    variables = {**VARIABLES, "segments": [{"name": "planted", "predicate": predicate}]}
    assert bool(list(check.segment_problems(columns(manifest, PURPOSES), variables))) == is_found


def test_attribute_marked_as_sensitive_is_found_in_a_segment(manifest: Manifest) -> None:
    found = columns(plant(manifest, "customer_features", "diet", sensitive=True), PURPOSES)
    variables = {**VARIABLES, "segments": [{"name": "planted", "predicate": "diet = 'x'"}]}
    (problem,) = check.segment_problems(found, variables)
    assert "segment planted" in str(problem)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with two customers and a third-party value that is past its licence."""
    with duckdb.connect() as con:
        con.execute("create schema marts")
        con.execute("create table marts.as_of_time as select timestamp '2025-06-01 12:00:00' as as_of_at")
        con.execute(
            "create table marts.customer_identifiers as select * from (values ('email', 'ann@planted.test'),"
            " ('phone', '+493012345678'), ('user_id', 'x@y.zz')) as t (identifier_type, identifier_value)"
        )
        con.execute(
            "create table marts.enriched as select * from (values ('dogs', date '2025-05-31'), ('cats', date '2025-06-01'),"
            " ('fish', date '2025-06-02'), (null, date '2020-01-01')) as t (interest, expires_on)"
        )
        yield con


def test_third_party_value_past_its_licence_is_found(manifest: Manifest, connection: duckdb.DuckDBPyConnection) -> None:
    found = columns(plant(manifest, "customers", "interest", party="third", licence_until="expires_on"), PURPOSES)
    (problem,) = check.licence_problems(found, {"customers": "marts.enriched"}, connection)
    assert "customers.interest: 1 third-party values" in str(problem)
    connection.execute("update marts.as_of_time set as_of_at = timestamp '2025-05-31 23:59:30'")
    assert list(check.licence_problems(found, {"customers": "marts.enriched"}, connection)) == []


def test_the_masked_file_never_takes_the_place_of_the_database(tmp_path: Path) -> None:
    database = tmp_path / "kindred.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table masking_key as select 'secret' as secret")
        connection.execute("create table people as select 'ann@example.org' as email")
        connection.execute("create schema masked")
        connection.execute(
            "create view masked.people as select left(mart.email, 1) as email"
            " from main.people as mart cross join main.masking_key as masking_key"
        )
    (tmp_path / "alias.duckdb").symlink_to(database)
    before = database.read_bytes()
    for out in (database, tmp_path / "alias.duckdb"):
        with pytest.raises(MaskedError, match="is the database itself: name another file with OUT"):
            write_masked(database, out)
    assert database.read_bytes() == before
    assert write_masked(database, tmp_path / "masked.duckdb") == {"people": 1}


@pytest.mark.parametrize(
    ("value", "meta", "is_found"),
    [
        ("ann@planted.test", {}, True),
        ("+493012345678", {}, True),
        ("a***@p***.test", {}, False),
        ("dogs", {}, False),
        ("ann@planted.test", {"pii": "none"}, False),
        ("ann@planted.test", {"pii": "direct", "purpose": ["service"]}, False),
    ],
)
def test_contact_points_in_a_column_of_any_name_are_found(
    manifest: Manifest, connection: duckdb.DuckDBPyConnection, value: str, meta: dict[str, object], is_found: bool
) -> None:
    connection.execute("create table marts.planted as select ? as nickname", [value])
    found = columns(plant(manifest, "customers", "nickname", **meta), PURPOSES)
    told = [str(problem) for problem in check.value_problems(connection, found, {"customers": '"marts"."planted"'})]
    assert bool(told) == is_found
    assert value not in str(told)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("row (Ann@planted.test, 1) rejected", True),
        ("called +493012345678.", True),
        ("ask privacy@example.com", False),
        ("user x@y.zz", False),
        ("nothing", False),
    ],
)
def test_personal_value_in_a_log_is_found_and_not_repeated(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, is_found: bool
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "dbt.log").write_text("x" * 1000 + "\n" + text + "\n", encoding="utf-8")
    found = [str(problem) for problem in check.log_problems([tmp_path / "logs"], connection)]
    assert bool(found) == is_found
    assert "planted" not in "".join(found).replace(str(tmp_path), "")


def test_example_of_the_project_is_no_value_of_a_customer(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """dbt copies the examples of unit tests into its output, and one may equal an address of somebody."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "example.yml").write_text("email: ann@planted.test", encoding="utf-8")
    log = tmp_path / "manifest.json"
    log.write_text("ann@planted.test", encoding="utf-8")
    assert list(check.log_problems([log], connection, [tmp_path / "models"])) == []
    log.write_text("ann@planted.test +493012345678", encoding="utf-8")
    assert len(list(check.log_problems([log], connection, [tmp_path / "models"]))) == 1


def test_value_across_two_chunks_of_a_log_is_found(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_CHUNK", 16)
    log = tmp_path / "dbt.log"
    log.write_text("." * 9 + " ann@planted.test is here", encoding="utf-8")
    assert len(list(check.log_problems([log], connection))) == 1


def test_command_fails_with_the_problem_named(target: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--manifest", str(target / "manifest.json"), "--project", str(PROJECT)]
    assert check.main(arguments) == 0
    # Put together here, because an address that stands in this file would be an example of the project.
    address = "@".join(("bea", "planted.test"))
    database = tmp_path / "k.duckdb"
    with duckdb.connect(str(database)) as con:
        con.execute("create schema marts")
        con.execute("create table marts.as_of_time as select timestamp '2025-06-01 12:00:00' as as_of_at")
        con.execute(
            "create table marts.customer_identifiers as select 'email' as identifier_type, ? as identifier_value",
            [address],
        )
    (tmp_path / "dbt.log").write_text(address, encoding="utf-8")
    assert check.main([*arguments, "--database", str(database), "--logs", str(tmp_path / "dbt.log")]) == 1
    assert "holds 1 e-mail addresses" in capsys.readouterr().out


def test_page_and_record_name_purposes_data_sources_recipients_and_retention(target: Path, tmp_path: Path) -> None:
    manifest_path = str(target / "manifest.json")
    assert transparency.main(["--manifest", manifest_path, "--project", str(PROJECT), "--out", str(tmp_path)]) == 0
    page = (tmp_path / "transparency.html").read_text(encoding="utf-8")
    with (tmp_path / "record_of_processing.csv").open(encoding="utf-8", newline="") as lines:
        record = {row["processing_activity"]: row for row in csv.DictReader(lines)}
    assert set(record) == {purpose.label for purpose in PURPOSES.values()}
    for purpose in PURPOSES.values():
        for text in (purpose.label, purpose.description, purpose.recipients, purpose.data_categories):
            assert html.escape(text) in page
        assert record[purpose.label]["retention_days"] == str(purpose.retention_days)
        assert purpose.lawful_basis in record[purpose.label]["lawful_basis"]
    for source in ("shopify", "zendesk", "thirdparty"):
        assert f"<td>{source}</td>" in page
        assert source in record["Marketing messages"]["sources"]
    assert "customers.email" in record["Marketing messages"]["personal_data_columns"]
    assert "Draft, not for publication" in page
    assert "Data protection officer: to be stated" in page
    assert "http" not in page.replace("https://www.w3.org", "")


def test_page_escapes_what_it_is_given(manifest: Manifest) -> None:
    settings = dict.fromkeys(transparency.SETTINGS, "<script>alert(1)</script>")
    assert "<script>" not in transparency.page(
        columns(manifest, PURPOSES), PURPOSES, {"<script>": "<script>"}, settings
    )


def test_page_is_a_draft_until_everything_is_stated(manifest: Manifest) -> None:
    settings = dict.fromkeys(transparency.SETTINGS, "none") | {"controller": "Anna Shop AG", "contact": "a@anna.shop"}
    assert transparency.placeholders(transparency.stated(settings)) == []
    assert "Draft" not in transparency.page(columns(manifest, PURPOSES), PURPOSES, {}, settings)
    for name, value in (("controller", "Example Company Ltd."), ("contact", "privacy@example.com"), ("security", "")):
        incomplete = transparency.stated({**settings, name: value})
        assert transparency.placeholders(incomplete) == [name]
        assert f"Still to be stated: {transparency.SETTINGS[name].lower()}" in transparency.page(
            [], PURPOSES, {}, incomplete
        )
    assert transparency.stated({})["data_protection_officer"] == transparency.TO_BE_STATED
    with pytest.raises(ValueError, match="controler is unknown"):
        transparency.stated({"controler": "Anna Shop AG"})


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (30, "30 days"),
        (365, "1 year"),
        (395, "about 13 months"),
        (730, "2 years"),
        (1095, "3 years"),
        (3000, "about 8.2 years"),
    ],
)
def test_days_in_words(days: int, words: str) -> None:
    assert transparency.days_in_words(days) == words
