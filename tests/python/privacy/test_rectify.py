"""What is wrong about a person is put right by command: what is kept, what is refused, what nobody may read in logs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from python_udfs.privacy.__main__ import main
from python_udfs.privacy.inventory import inventory
from python_udfs.privacy.keys import KEY_VARIABLE, Key
from python_udfs.privacy.operations import erase_subjects, export_subject, restrict_subject
from python_udfs.privacy.rectify import (
    RectificationError,
    Request,
    assignments,
    check_attribute,
    rectify_subject,
    withdraw_rectification,
)
from python_udfs.privacy.store import Place
from python_udfs.privacy.subject import find_customer, find_subject

KEY = Key(b"a key that only this test uses")
COLUMNS = (
    "record_id",
    "source_name",
    "given_name",
    "middle_name",
    "family_name",
    "full_name",
    "birth_date",
    "gender",
    "email",
    "phone",
    "secondary_phone",
    "street_address",
    "city",
    "region",
    "postal_code",
    "country",
    "is_email_verified",
    "user_id_identifier",
    "source_record_id",
)
RECORDS: list[dict[str, Any]] = [
    {"record_id": "shopify:customer:1", "source_name": "shopify", "given_name": "Ann", "middle_name": "M", "family_name": "Lee",
     "email": "an.lee@x.org", "phone": "+4930111111", "secondary_phone": "+4930222222", "birth_date": "1980-01-02", "country": "DE"},
    {"record_id": "pos:member:2", "source_name": "pos", "full_name": "Ann Lee", "email": "an.lee@x.org", "phone": "+4930222222",
     "street_address": "1 High St", "city": "Leeds", "postal_code": "LS1 1AA", "country": "GB"},
    {"record_id": "zendesk:user:3", "source_name": "zendesk", "given_name": "Annie", "email": "annie@y.org"},
    {"record_id": "pos:member:9", "source_name": "pos", "given_name": "Bob", "family_name": "Ray", "email": "bob.ray@x.org"},
]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A database with the records of Ann (c1: three records) and Bob (c2)."""
    database = tmp_path / "kindred.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema identity; create schema marts; create schema reference")
        listed = ", ".join(f"{name} {'date' if name == 'birth_date' else 'varchar'}" for name in COLUMNS)
        connection.execute(f"create table identity.identity_source_records ({listed})")
        marks = ", ".join("?" for _ in COLUMNS)
        for record in RECORDS:
            values = [record.get(name) for name in COLUMNS]
            connection.execute(f"insert into identity.identity_source_records values ({marks})", values)
        connection.execute(
            "create table identity.customer_ids as select record_id, if(record_id = 'pos:member:9', 'c2', 'c1') as customer_id"
            " from identity.identity_source_records;"
            "create table identity.customer_id_redirects as select 'c0' as old_customer_id, 'c1' as current_customer_id;"
            "create table identity.customer_id_ledger as from identity.customer_ids;"
            "create table marts.customers as from (values ('c1', 'DE'), ('c2', 'GB')) as t(customer_id, country);"
            "create table reference.junk_values as select 'email' as kind, 'test@test.com' as value;"
            "create table marts.customer_identifiers as select customer_id, 'email' as identifier_type, email as identifier_value,"
            " 1 as customer_count from identity.identity_source_records inner join identity.customer_ids using (record_id) group by all"
        )
    return Place(database, None, tmp_path / "exports", tmp_path / "backups", ())


def rows(place: Place, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(place.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def put_right(place: Place, values: Mapping[str, str], subject: str = "c1", wrong: str = "", dry: bool = False) -> int:
    return rectify_subject(place, KEY, subject, Request(dict(values), wrong), dry).rows


def kept(place: Place) -> list[tuple[Any, ...]]:
    return rows(
        place, "select record_id, attribute, replaced_value, value from privacy.rectifications order by all nulls first"
    )


def test_every_value_of_the_person_is_replaced_and_nobody_elses(place: Place) -> None:
    assert put_right(place, {"email": " ANN.LEE@X.org "}, subject="an.lee@x.org") == 3
    assert kept(place) == [
        ("pos:member:2", "email", "an.lee@x.org", "ann.lee@x.org"),
        ("shopify:customer:1", "email", "an.lee@x.org", "ann.lee@x.org"),
        ("zendesk:user:3", "email", "annie@y.org", "ann.lee@x.org"),
    ]


def test_with_a_wrong_value_only_that_one_is_replaced(place: Place) -> None:
    assert put_right(place, {"email": "ann.lee@x.org"}, wrong="AN.LEE@x.org") == 2
    assert {row[0] for row in kept(place)} == {"pos:member:2", "shopify:customer:1"}


def test_number_is_replaced_wherever_it_stands_and_is_read_as_one_of_the_persons_country(place: Place) -> None:
    assert put_right(place, {"phone": "030 333333"}, wrong="+49 30 222222") == 2
    assert kept(place) == [
        ("pos:member:2", "phone", "+4930222222", "+4930333333"),
        ("shopify:customer:1", "secondary_phone", "+4930222222", "+4930333333"),
    ]


def test_again_changes_nothing_and_another_value_replaces_the_first(place: Place) -> None:
    put_right(place, {"birth_date": "1981-01-02"})
    before = rows(place, "from privacy.rectifications")
    assert put_right(place, {"birth_date": "1981-01-02"}) == 0
    assert rows(place, "from privacy.rectifications") == before
    put_right(place, {"birth_date": "1982-01-02"}, wrong="1981-01-02")
    assert kept(place) == [("shopify:customer:1", "birth_date", "1980-01-02", "1982-01-02")]
    # What the source says is right after all: nothing is left to be laid over it.
    told = [rectify_subject(place, KEY, "c1", Request({"birth_date": "1980-01-02"})) for _ in range(2)]
    assert [outcome.rows for outcome in told] == [0, 0]
    assert "taken back" in told[0].messages[0]
    assert "nothing needs to be put right" in told[1].messages[0]
    assert kept(place) == []


def test_name_is_replaced_as_a_whole(place: Place) -> None:
    assert put_right(place, {"given_name": "anna", "family_name": "LEE-RAY"}) == 12
    by_record = {(record, attribute): value for record, attribute, _, value in kept(place)}
    assert by_record["shopify:customer:1", "middle_name"] is None
    assert by_record["shopify:customer:1", "full_name"] is None
    assert by_record["pos:member:2", "full_name"] == "Anna Lee-Ray"
    assert by_record["zendesk:user:3", "family_name"] == "Lee-Ray"
    assert put_right(place, {"full_name": "Lee-Ray, Ann Marie"}) == 12
    by_record = {(record, attribute): value for record, attribute, _, value in kept(place)}
    assert by_record["shopify:customer:1", "middle_name"] == "Marie"
    assert by_record["pos:member:2", "full_name"] == "Ann Marie Lee-Ray"


def test_address_is_replaced_as_a_whole(place: Place) -> None:
    right = {"street_address": "2 Low St", "city": "York", "postal_code": "YO1 1AA", "country": "United Kingdom"}
    assert put_right(place, right, wrong="1 high st") == 5
    assert kept(place) == [
        ("pos:member:2", "city", "Leeds", "York"),
        ("pos:member:2", "country", "GB", "GB"),
        ("pos:member:2", "postal_code", "LS1 1AA", "YO1 1AA"),
        ("pos:member:2", "region", None, None),
        ("pos:member:2", "street_address", "1 High St", "2 Low St"),
    ]


def test_withdrawn_rectification_leaves_the_sources_word(place: Place) -> None:
    put_right(place, {"given_name": "Anna", "family_name": "Lee"})
    put_right(place, {"email": "ann.lee@x.org"})
    assert withdraw_rectification(place, KEY, "c0", "given_name", is_dry_run=True).rows == 12
    assert withdraw_rectification(place, KEY, "c0", "given_name").rows == 12
    assert {attribute for _, attribute, _, _ in kept(place)} == {"email"}
    with pytest.raises(RectificationError, match="name: nothing of this person's was put right"):
        withdraw_rectification(place, KEY, "c1", "name")


def test_dry_run_changes_nothing_and_every_run_leaves_a_row_that_names_nobody(place: Place) -> None:
    assert put_right(place, {"email": "ann.lee@x.org"}, dry=True) == 3
    assert kept(place) == []
    put_right(place, {"email": "ann.lee@x.org"})
    logged = rows(place, "from privacy.operations_log order by is_dry_run")
    assert [(row[1], row[2], row[5:]) for row in logged] == [
        ("rectify-subject", KEY.hash("customer_id", "c1"), (dry, 1, 3, "done", None)) for dry in (False, True)
    ]
    assert not [text for text in ("lee@", "c1") if text in str([row[1:] for row in logged]).replace(logged[0][2], "")]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"email": "ann.lee.x.org"}, "email: the value is refused: not an e-mail address. Write one"),
        ({"email": "test@test.com"}, "email: the value is refused: a placeholder"),
        ({"phone": "+1 555"}, "phone: the value is refused: not a valid phone number. Write it in international"),
        ({"birth_date": "02.01.1980"}, "birth_date: the value is refused: not written as YYYY-MM-DD"),
        ({"birth_date": "2180-01-02"}, "birth_date: the value is refused: in the future"),
        ({"birth_date": "1980-02-30"}, "birth_date: the value is refused: no day"),
        ({"birth_date": "1801-02-03"}, "birth_date: the value is refused: more than 120 years ago"),
        ({"gender": "lady"}, "gender: the value is refused: none of female, male and other"),
        ({"city": "Leeds"}, "address: is put right as a whole"),
        ({"country": "Atlantis"}, "country: the value is refused: unknown country"),
        ({"country": "FR"}, "country: records of this person have an address"),
        ({"given_name": "Anna"}, "name: is put right as a whole"),
        ({"email": "ann@x.org", "gender": "female"}, "email, gender: put one thing right at a time"),
        ({"mail": "ann@x.org"}, "mail: there is no such attribute. Did you mean email\\? Attributes are: given_name, "),
        ({"record_id": "pos:member:9"}, "record_id: is what a source knows its record by"),
        ({"user_id_identifier": "9"}, "user_id_identifier: is what a source knows its record by"),
        ({"loyalty_card_number": "9"}, "loyalty_card_number: is what a source knows its record by"),
        ({"gender": "female"}, "gender: none of this person's 3 records has any"),
    ],
    ids=str,
)
def test_what_is_wrong_is_refused_by_name(place: Place, values: dict[str, str], says: str) -> None:
    with pytest.raises(RectificationError, match=f"^{says}") as refused:
        put_right(place, values)
    assert not [value for value in values.values() if len(value) > 6 and value in str(refused.value)]
    assert kept(place) == []


def test_value_to_replace_that_nobody_has_is_refused(place: Place) -> None:
    with pytest.raises(RectificationError, match="email: none of this person's 3 records has the value"):
        put_right(place, {"email": "ann.lee@x.org"}, wrong="bob.ray@x.org")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("email=ann@x.org", {"email": "ann@x.org"}),
        (" city = Leeds ;country=GB; ", {"city": "Leeds", "country": "GB"}),
        ("street_address=Flat 2; 1 High St; city=Leeds", {"street_address": "Flat 2; 1 High St", "city": "Leeds"}),
        ("company_name=a=b", {"company_name": "a=b"}),
    ],
)
def test_assignments(text: str, expected: dict[str, str]) -> None:
    assert assignments(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [("ann@x.org", "SET names no attribute"), ("email=", "WITHDRAW=email"), ("city=A;city=B", "city: is given twice")],
)
def test_wrong_assignments_are_refused(text: str, says: str) -> None:
    with pytest.raises(RectificationError, match=says):
        assignments(text)


def test_further_attributes_of_the_feeds_can_be_put_right() -> None:
    check_attribute("occupation", [*COLUMNS, "occupation"])


def test_restriction_holds_for_the_right_address_too(place: Place) -> None:
    restrict_subject(place, KEY, "c1")
    put_right(place, {"email": "ann.lee@x.org"})
    query = "select identifier from privacy.restrictions where identifier_type = 'email' order by all"
    assert rows(place, query) == [("an.lee@x.org",), ("ann.lee@x.org",), ("annie@y.org",)]


def superseded(place: Place) -> list[tuple[Any, ...]]:
    return rows(
        place,
        "select distinct attribute, replaced_value, value from privacy.rectifications where unit = 'superseded' order by all",
    )


def test_address_that_is_put_right_again_is_remembered_and_its_restriction_goes_along(place: Place) -> None:
    put_right(place, {"email": "ann@x.org"})
    assert superseded(place) == []
    with duckdb.connect(str(place.database)) as connection:
        connection.execute("insert into privacy.restrictions values ('email', 'ann@x.org', 'asked', now())")
    # The record that says one thing and the two that say another all had it in their place.
    assert put_right(place, {"email": "ann.lee@x.org"}) == 3 + 3 + 1
    assert superseded(place) == [("email", "ann@x.org", None)]
    assert ("ann.lee@x.org",) in rows(place, "select identifier from privacy.restrictions")
    assert put_right(place, {"email": "ann.lee@x.org"}) == 0
    # What stands again is superseded no longer; what the source says all along leaves the others superseded.
    put_right(place, {"email": "ann@x.org"})
    assert superseded(place) == [("email", "ann.lee@x.org", None)]
    put_right(place, {"email": "an.lee@x.org"})
    assert superseded(place) == [("email", "ann.lee@x.org", None), ("email", "ann@x.org", None)]


def test_what_stood_until_it_was_withdrawn_is_remembered_and_its_restriction_goes_along(place: Place) -> None:
    put_right(place, {"email": "ann@x.org"})
    put_right(place, {"birth_date": "1981-01-02"})
    # Before a build, nothing but the rectification knows the address that is right.
    restrict_subject(place, KEY, "c1")
    with duckdb.connect(str(place.database)) as connection:
        assert ("ann@x.org",) in connection.execute("select identifier from privacy.restrictions").fetchall()
        connection.execute("delete from privacy.restrictions where identifier <> 'ann@x.org'")
    dry = withdraw_rectification(place, KEY, "c1", "email", is_dry_run=True)
    assert {hit.name: hit.rows for hit in dry.hits} == {"privacy.rectifications": 3, "privacy.restrictions": 2}
    assert superseded(place) == []
    assert withdraw_rectification(place, KEY, "c1", "email").hits == dry.hits
    withdraw_rectification(place, KEY, "c1", "birth_date")
    assert superseded(place) == [("email", "ann@x.org", None)]
    assert {row[1] for row in kept(place)} == {"email"}
    assert {"an.lee@x.org", "annie@y.org"} <= {
        row[0] for row in rows(place, "select identifier from privacy.restrictions")
    }
    with pytest.raises(RectificationError, match="nothing of this person's was put right"):
        withdraw_rectification(place, KEY, "c1", "email")


def test_what_stood_is_remembered_when_its_source_has_moved_on(place: Place) -> None:
    put_right(place, {"email": "ann@x.org"}, wrong="an.lee@x.org")
    with duckdb.connect(str(place.database)) as connection:
        connection.execute(
            "update identity.identity_source_records set email = 'ann@x.org' where email = 'an.lee@x.org'"
        )
    put_right(place, {"email": "ann.lee@x.org"}, wrong="ann@x.org")
    # What the source says now is replaced; what it said before stood there, too.
    assert [row[1] for row in superseded(place)] == ["an.lee@x.org"]
    assert {row[2:] for row in kept(place)} == {("ann@x.org", "ann.lee@x.org"), ("an.lee@x.org", None)}
    erase_subjects(place, KEY, ["c1"])
    assert not [
        text for text in (b"ann.lee@x.org", b"an.lee@x.org", b"ann@x.org") if text in place.database.read_bytes()
    ]


def test_export_holds_what_was_put_right_and_erasing_leaves_no_byte_of_it(place: Place) -> None:
    put_right(place, {"email": "ann.lee@x.org"}, wrong="an.lee@x.org")
    put_right(place, {"email": "bobby.ray@x.org"}, subject="c2")
    with duckdb.connect(str(place.database)) as connection:
        # As the next build has it: the address that was replaced is nobody's; elsewhere it still stands.
        connection.execute(
            "update marts.customer_identifiers set identifier_value = 'ann.lee@x.org' where identifier_value = 'an.lee@x.org';"
            "create table marts.consent_events as from (values ('email', 'an.lee@x.org'), ('email', 'bob.ray@x.org'))"
            " as t(identifier_type, identifier)"
        )
        assert find_customer(connection, "an.lee@x.org") == "c1"
        subject = find_subject(connection, "c1", inventory(connection))
        assert ("email", "an.lee@x.org") not in subject.remembered()
    assert "privacy.rectifications" in {hit.name for hit in export_subject(place, KEY, "c1").hits}
    (path,) = place.exports.glob("subject-*.json")
    assert '"replaced_value": "an.lee@x.org"' in path.read_text(encoding="utf-8")
    dry = {hit.name: hit.rows for hit in erase_subjects(place, KEY, ["c1"], is_dry_run=True).hits}
    done = {hit.name: hit.rows for hit in erase_subjects(place, KEY, ["c1"]).hits}
    assert dry["privacy.rectifications"] == done["privacy.rectifications"] == 2
    assert dry["marts.consent_events"] == done["marts.consent_events"] == 1
    assert not [text for text in (b"ann.lee@x.org", b"an.lee@x.org") if text in place.database.read_bytes()]
    assert [row[0] for row in kept(place)] == ["pos:member:9"]


def test_command_prints_tables_and_sources_and_no_value(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_DATABASE", str(place.database))
    monkeypatch.setenv("KINDRED_RAW", "")
    monkeypatch.setenv(KEY_VARIABLE, KEY.secret.decode())
    command = ["rectify-subject", "--subject", "an.lee@x.org"]
    assert main([*command, "--set", "email=ann.lee@x.org", "--reason", "told us by letter"]) == 0
    assert rows(place, "select distinct reason from privacy.rectifications") == [("told us by letter",)]
    assert main([*command, "--withdraw", "email"]) == 0
    assert main([*command, "--set", "email=nobody"]) == 2
    told = "".join(capsys.readouterr())
    assert "3  privacy.rectifications" in told
    assert "email: 3 of 3 records, of pos, shopify, zendesk." in told
    assert "Have it corrected in pos, shopify, zendesk, too" in told
    assert "x.org" not in told
    with pytest.raises(SystemExit):
        main([*command, "--set", "email=a@x.org", "--withdraw", "email"])
