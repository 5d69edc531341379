"""A specification or a table that does not fit is refused with the file, the key or column, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from benchmarks.linkage import (
    ATTRIBUTES,
    Specification,
    SpecificationError,
    main,
    prepare,
    read_records,
    read_specification,
    variables,
)

GOOD: dict[str, Any] = {
    "record_id": "id",
    "truth": "person",
    "source": "system",
    "attributes": {"given_name": "first", "family_name": "last", "email": "mail"},
    "extra_attributes": {"occupation": "job"},
    "identifiers": {"loyalty_id": "card"},
    "threshold": 2,
}


def written(folder: Path, content: Any) -> Path:
    path = folder / "people.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def people() -> pa.Table:
    return pa.table(
        {
            "id": [1, 2, 3],
            "person": ["p", "p", "q"],
            "system": ["a", "b", "b"],
            "first": ["Ada", None, "Grace"],
            "last": ["King", "King", "Hopper"],
            "mail": ["ada@example.com", None, "NA"],
            "job": ["analyst", "analyst", "admiral"],
            "card": ["007", None, "012"],
        }
    )


def test_a_specification_maps_the_columns_of_the_input(tmp_path: Path) -> None:
    specification = read_specification(written(tmp_path, GOOD))
    assert specification.columns() == {
        "record_id": "id",
        "source": "system",
        "given_name": "first",
        "family_name": "last",
        "email": "mail",
        "occupation": "job",
        "id_loyalty_id": "card",
    }
    assert specification.truth == "person"


def test_keys_left_empty_are_as_good_as_absent(tmp_path: Path) -> None:
    content = {
        "record_id": "id",
        "attributes": {"email": "mail"},
        "truth": None,
        "identifiers": None,
        "threshold": None,
    }
    assert read_specification(written(tmp_path, content)) == Specification("id", attributes={"email": "mail"})


@pytest.mark.parametrize(
    ("change", "named", "remedy"),
    [
        ({"atributes": {}}, "'atributes'", "known keys: attributes"),
        ({"record_id": None}, "'record_id'", "name the column"),
        ({"attributes": ["given_name"]}, "'attributes'", "must map a name to an input column"),
        ({"identifiers": "card"}, "'identifiers'", "must map a name to an input column"),
        ({"attributes": {"first_name": "first"}}, "'first_name'", "known: given_name"),
        ({"extra_attributes": {"Job title": "job"}}, "'Job title'", "lower case letters"),
        ({"extra_attributes": {"email": "job"}}, "'email'", "no identity attribute"),
        ({"identifiers": {"1; drop": "card"}}, "'1; drop'", "lower case letters"),
        ({"attributes": {}, "identifiers": {}}, "'attributes'", "map at least one"),
    ],
)
def test_a_wrong_specification_is_refused_by_key(
    tmp_path: Path, change: dict[str, Any], named: str, remedy: str
) -> None:
    path = written(tmp_path, GOOD | change)
    with pytest.raises(SpecificationError) as error:
        read_specification(path)
    assert str(error.value).startswith(f"{path}: ")
    assert named in str(error.value)
    assert remedy in str(error.value)


@pytest.mark.parametrize("content", ["a: [", "- record_id", "just words", ""])
def test_what_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(SpecificationError, match=r"YAML|keys") as error:
        read_specification(path)
    assert str(error.value).startswith(f"{path}: ")


def test_a_missing_specification_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecificationError, match=r"absent\.yaml: cannot be read .*give the path"):
        read_specification(tmp_path / "absent.yaml")


@pytest.mark.parametrize("suffix", [".csv", ".CSV", ".txt"])
def test_csv_is_read_as_text_with_empty_fields_as_nulls(tmp_path: Path, suffix: str) -> None:
    """Leading zeros, numbers of different width and line breaks inside quotes survive."""
    path = tmp_path / f"people{suffix}"
    path.write_text('id,last,card\n001,"King\nLovelace",007\n2,,1e3\n', encoding="utf-8")
    assert read_records(path).to_pydict() == {
        "id": ["001", "2"],
        "last": ["King\nLovelace", None],
        "card": ["007", "1e3"],
    }


def test_quoted_line_breaks_survive_where_a_large_file_is_cut_into_blocks(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    note = "\n".join(["one of many lines, with a comma"] * 20)
    path.write_text("id,note\n" + "".join(f'{i},"{note}"\n' for i in range(4000)), encoding="utf-8")
    table = read_records(path)
    assert table.num_rows == 4000
    assert table["note"].unique().to_pylist() == [note]


def test_parquet_is_read_with_all_columns(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(people(), path)
    assert read_records(path) == people()


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecificationError, match=r"absent\.csv: no such file; give RECORDS"):
        read_records(tmp_path / "absent.csv")
    broken = tmp_path / "broken.parquet"
    broken.write_text("no parquet", encoding="utf-8")
    with pytest.raises(SpecificationError, match=r"broken\.parquet: cannot be read as \.parquet"):
        read_records(broken)
    latin = tmp_path / "latin.csv"
    latin.write_bytes("id,name\n1,José\n".encode("latin-1"))
    with pytest.raises(SpecificationError, match=r"latin\.csv: cannot be read as \.csv .*UTF8"):
        read_records(latin)
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("a,b\n1,2\n1,2,3\n", encoding="utf-8")
    with pytest.raises(SpecificationError, match=r"ragged\.csv: cannot be read as \.csv"):
        read_records(ragged)


def test_records_are_prepared_as_text_under_the_names_of_the_contract(tmp_path: Path) -> None:
    specification = Specification(
        "id", truth="person", attributes={"given_name": "first"}, identifiers={"loyalty_id": "card"}
    )
    prepare(people(), specification, tmp_path / "people.csv", tmp_path / "raw" / "people")
    table = pq.read_table(tmp_path / "raw" / "people" / "person.parquet")
    assert table.to_pydict() == {
        "record_id": ["1", "2", "3"],
        "given_name": ["Ada", None, "Grace"],
        "id_loyalty_id": ["007", None, "012"],
    }


@pytest.mark.parametrize(
    ("specification", "column", "wanted"),
    [
        (Specification("nr", attributes={"email": "mail"}), "nr", "record_id"),
        (Specification("id", attributes={"email": "e-mail"}), "e-mail", "email"),
        (Specification("id", truth="entity", attributes={"email": "mail"}), "entity", "truth"),
        (Specification("id", source="origin", attributes={"email": "mail"}), "origin", "source"),
        (Specification("id", identifiers={"loyalty_id": "badge"}), "badge", "id_loyalty_id"),
    ],
)
def test_a_missing_column_is_named_with_those_there_are(
    tmp_path: Path, specification: Specification, column: str, wanted: str
) -> None:
    with pytest.raises(SpecificationError) as error:
        prepare(people(), specification, Path("people.csv"), tmp_path)
    message = f"people.csv: no column '{column}' (wanted as '{wanted}'); it has id, person, system, first, last"
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("ids", [["1", "1", "2"], ["1", None, "2"]])
def test_repeated_or_missing_record_ids_are_refused(tmp_path: Path, ids: list[str | None]) -> None:
    table = people().set_column(0, "id", pa.array(ids))
    with pytest.raises(SpecificationError, match=r"people\.csv: column 'id' must be unique and not null"):
        prepare(table, Specification("id", attributes={"email": "mail"}), Path("people.csv"), tmp_path)


def test_only_the_people_source_is_switched_on_and_overrides_are_passed(tmp_path: Path) -> None:
    content = GOOD | {"comparisons": ["name", "email"], "blocking_rules": ["email"]}
    chosen = variables(read_specification(written(tmp_path, content)))
    assert [name for name, value in chosen.items() if name.endswith("_enabled") and value] == ["people_enabled"]
    assert chosen["identity_feeds"][0]["identifiers"] == {"loyalty_id": "id_loyalty_id"}
    assert chosen["identity_identifier_types"]["loyalty_id"]["is_strong"] is True
    assert chosen["identity_extra_attributes"] == ["occupation"]
    assert chosen["identity_comparisons"] == ["name", "email", "occupation"]
    assert chosen["identity_blocking_rules"] == ["email"]
    assert chosen["identity_threshold"] == 2


def test_without_overrides_the_defaults_of_the_project_decide(tmp_path: Path) -> None:
    chosen = variables(read_specification(written(tmp_path, {"record_id": "id", "attributes": {"email": "mail"}})))
    assert not {"identity_comparisons", "identity_blocking_rules", "identity_threshold"} & set(chosen)


def test_every_attribute_has_a_place_in_the_contract_of_the_people_source() -> None:
    """An attribute that staging does not read would be mapped and silently ignored."""
    project = Path(__file__).resolve().parents[3]
    declared = yaml.safe_load((project / "models/staging/people/_people__sources.yml").read_text(encoding="utf-8"))
    columns = {c["name"] for t in declared["sources"][0]["tables"] if t["name"] == "person" for c in t["columns"]}
    assert set(ATTRIBUTES) <= columns


def test_the_command_reports_an_error_in_one_line_and_a_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = written(tmp_path, {"record_id": "id", "attributes": {"email": "mail"}})
    assert main(["--records", str(tmp_path / "absent.csv"), "--spec", str(spec)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.strip() == f"error: {tmp_path / 'absent.csv'}: no such file; give RECORDS=<parquet or csv>"
