"""Put right what is wrong about a person (GDPR Art. 16): kept beside the data and laid over it by every build.

What a source sent stays as it is in raw and staged tables. `privacy.rectifications` remembers for each record what was replaced by what;
`identity_rectifications` decides in each build whether that still holds, and `identity_records` shows the right value to all that follows.
Contact points that stood in a record until they were put right again, or withdrawn, are remembered there too, as unit `superseded`.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from python_udfs.normalize.batches import Junk, junk_by_kind
from python_udfs.normalize.countries import normalize_country
from python_udfs.normalize.emails import normalize_email
from python_udfs.normalize.names import normalize_full_name, normalize_name_part
from python_udfs.normalize.phones import normalize_phone
from python_udfs.normalize.text import clean
from python_udfs.privacy.keys import Key
from python_udfs.privacy.operations import Outcome, opened, subject_hash
from python_udfs.privacy.store import TABLES, Entry, Place, write_log
from python_udfs.privacy.subject import Subject, find_customer, has_table
from python_udfs.privacy.sweep import Hit, Progress, quiet

RECORDS = "identity_source_records"
# What is put right as a whole, so that no part of one source's stands beside a part of another's.
UNITS = {
    "name": ("given_name", "middle_name", "family_name", "full_name"),
    "address": ("street_address", "city", "region", "postal_code", "country"),
}
# A contact point that was put right and then again: what was refused there goes along to what stands there now.
SUPERSEDED = "superseded"
# A wrong number may be one record's first and another's second.
_PHONES = ("phone", "secondary_phone")
_GENDERS = ("female", "male", "other")
# Columns of a record that say what the source knows of the record, not of the person.
_NOT_THE_PERSONS = re.compile(
    r"record_id|source_.*|entity|created_at|updated_at|is_email_verified|.*_identifier|(.*_)?id|card_number|loyalty_card.*"
)
_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project.yml"
Parts = dict[str, str | None]


class RectificationError(RuntimeError):
    """What is asked for cannot be put right; the message names the attribute, what is wrong and what to do. It repeats no value."""


@dataclass(frozen=True)
class Rules:
    """What values are checked by: junk lists of the database, the country that national phone numbers are of, the oldest age believed."""

    junk: Junk
    country: str
    oldest_years: int


@dataclass(frozen=True)
class Request:
    """What is to be put right: values by attribute; `wrong` is the value to replace (all if empty), `reason` is kept with the record."""

    values: dict[str, str]
    wrong: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Change:
    """What one record says in one attribute, and what is to stand there."""

    record_id: str
    unit: str
    attribute: str
    replaced: str | None
    value: str | None


@dataclass(frozen=True)
class Plan:
    """What an operation writes.

    units: pairs of record id and unit whose rows go. right: what comes in their place. superseded: contact points that stand no longer.
    renewed: record id, attribute and value of those that need not be remembered as superseded before. restricted: new rows of
    privacy.restrictions.
    """

    units: Sequence[tuple[str, str]]
    right: Sequence[Change]
    superseded: Sequence[Change]
    renewed: Sequence[tuple[str, str, str]]
    restricted: Sequence[tuple[Any, ...]]

    @property
    def restriction_hits(self) -> list[Hit]:
        """What is added to the list of restricted contact points; nothing where nothing is."""
        return [Hit("privacy.restrictions", len(self.restricted))] if self.restricted else []


def unit_of(attribute: str) -> str:
    """The unit that an attribute is part of: name, address, or itself."""
    return next((unit for unit, parts in UNITS.items() if attribute in parts), attribute)


def parts_of(unit: str) -> tuple[str, ...]:
    """The attributes of a unit."""
    return UNITS.get(unit, (unit,))


def assignments(text: str) -> dict[str, str]:
    """'city=Leeds; country=GB' by attribute; a semicolon or an equals sign inside a value stays.

    Raises:
        RectificationError: a part has no attribute or no value, or an attribute is given twice.
    """
    found: dict[str, str] = {}
    for part in re.split(r";(?=\s*[A-Za-z_]+\s*=)", text):
        name, equals, value = (piece.strip() for piece in part.strip().strip(";").partition("="))
        if not equals or not name:
            raise RectificationError(
                "SET names no attribute: write attribute=value, several divided by ';', such as SET=\"city=Leeds; country=GB\"."
            )
        if not value:
            raise RectificationError(f"{name}: has no value. WITHDRAW={name} takes a rectification back.")
        if name in found:
            raise RectificationError(f"{name}: is given twice. Give it once.")
        found[name] = value
    return found


def known_attributes(columns: Sequence[str]) -> list[str]:
    """Attributes that can be put right, of the columns that records have."""
    return [column for column in columns if not _NOT_THE_PERSONS.fullmatch(column)]


def check_attribute(name: str, columns: Sequence[str]) -> None:
    """See that an attribute exists and is the person's.

    Raises:
        RectificationError: there is no such attribute, or it is an id that a system gave.
    """
    known = known_attributes(columns)
    if name in known:
        return
    if name in columns or _NOT_THE_PERSONS.fullmatch(name):
        raise RectificationError(
            f"{name}: is what a source knows its record by, not a statement about the person, so it cannot be put right here. "
            "Have the source correct it, or decide which records belong together in seeds/identity_override_decisions.csv."
        )
    near = difflib.get_close_matches(name, known, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise RectificationError(f"{name}: there is no such attribute.{hint} Attributes are: {', '.join(known)}.")


def _email(text: str, rules: Rules) -> tuple[str | None, str | None]:
    return normalize_email(text, rules.junk)


def _phone(text: str, rules: Rules) -> tuple[str | None, str | None]:
    phone, _, problem = normalize_phone(text, rules.country, rules.junk)
    return phone, problem


def _name(text: str, rules: Rules) -> tuple[str | None, str | None]:
    name = normalize_name_part(text, rules.junk)
    return name.name, name.reason


def _full_name(text: str, rules: Rules) -> tuple[str | None, str | None]:
    name = normalize_full_name(text, rules.junk)
    return name.name, name.reason


def _country(text: str, rules: Rules) -> tuple[str | None, str | None]:
    return normalize_country(text, rules.junk)


def _gender(text: str, _: Rules) -> tuple[str | None, str | None]:
    gender = text.lower()
    return (gender, None) if gender in _GENDERS else (None, "none of female, male and other")


def _birth_date(text: str, rules: Rules) -> tuple[str | None, str | None]:
    """As macro birth_date_problem has it; a date is written one way, so that 03/04 is not taken for 04/03."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None, "not written as YYYY-MM-DD"
    try:
        born = datetime.date.fromisoformat(text)
    except ValueError:
        return None, "no day of the calendar"
    today = datetime.datetime.now(datetime.UTC).date()
    if born > today:
        return None, "in the future"
    if rules.oldest_years:
        if born == datetime.date(1900, 1, 1):
            return None, "what systems write for an unknown one"
        if born.year < today.year - rules.oldest_years:
            return None, f"more than {rules.oldest_years} years ago"
    return text, None


_CHECKS: dict[str, tuple[Callable[[str, Rules], tuple[str | None, str | None]], str]] = {
    "email": (_email, "Write one address such as ann@example.com."),
    "phone": (_phone, "Write it in international form, such as +491701234567."),
    "secondary_phone": (_phone, "Write it in international form, such as +491701234567."),
    "given_name": (_name, "Write the name alone."),
    "middle_name": (_name, "Write the name alone."),
    "family_name": (_name, "Write the name alone."),
    "full_name": (_full_name, "Write 'Ann Lee' or 'Lee, Ann'."),
    "country": (_country, "Write its code, such as GB, or its name."),
    "gender": (_gender, "Write one of them."),
    "birth_date": (_birth_date, "Write the day of birth, such as 1980-05-16."),
}


def normalized(attribute: str, text: str, rules: Rules) -> tuple[str | None, str | None]:
    """A value as staging has it and no problem, or none and the problem."""
    check = _CHECKS.get(attribute)
    if check:
        return check[0](clean(text), rules)
    return (clean(text), None) if re.search(r"\w", clean(text)) else (None, "no letters or digits")


def checked(attribute: str, text: str, rules: Rules) -> str:
    """A value as staging has it.

    Raises:
        RectificationError: it is none that staging would take.
    """
    value, problem = normalized(attribute, text, rules)
    if value is None:
        # Staging's word for what seed junk_values lists and for numbers such as 1234567.
        problem = "a placeholder, which nobody has" if problem == "junk" else problem
        remedy = _CHECKS[attribute][1] if attribute in _CHECKS else "Write what is right."
        raise RectificationError(f"{attribute}: the value is refused: {problem}. {remedy}")
    return value


def right_values(values: Mapping[str, str], rules: Rules) -> tuple[str, Parts]:
    """The unit that is put right and all of its parts; those that are not given are empty afterwards.

    Raises:
        RectificationError: attributes of several units, half a name or address, or a value that staging would not take.
    """
    units = sorted({unit_of(attribute) for attribute in values})
    if len(units) != 1:
        raise RectificationError(
            f"{', '.join(units)}: put one thing right at a time, a name and an address with all of their parts."
        )
    (unit,) = units
    parts: Parts = {attribute: checked(attribute, text, rules) for attribute, text in values.items()}
    if unit == "name":
        return unit, _whole_name(parts, values, rules)
    if unit == "address" and set(parts) != {"country"} and not {"street_address", "city", "country"} <= set(parts):
        raise RectificationError(
            "address: is put right as a whole, so that no part of it is a source's: "
            "give street_address, city and country, and postal_code and region where it has them."
        )
    return unit, {attribute: parts.get(attribute) for attribute in parts_of(unit)}


def _whole_name(parts: Parts, values: Mapping[str, str], rules: Rules) -> Parts:
    if set(parts) == {"full_name"}:
        name = normalize_full_name(values["full_name"], rules.junk)
        return {
            "given_name": name.given,
            "middle_name": name.middle,
            "family_name": name.family,
            "full_name": name.name,
        }
    if "full_name" in parts or not {"given_name", "family_name"} <= set(parts):
        raise RectificationError(
            "name: is put right as a whole: give given_name and family_name, and middle_name where there is one, or full_name alone."
        )
    whole = {attribute: parts.get(attribute) for attribute in ("given_name", "middle_name", "family_name")}
    return {**whole, "full_name": " ".join(part for part in whole.values() if part)}


def _same(attribute: str, left: str | None, right: str | None) -> bool:
    """Whether two values are one; the build writes places in its own way, so there case and spaces do not matter."""
    if left is None or right is None or attribute not in ("street_address", "city", "region", "postal_code"):
        return left == right
    return re.sub(r"[\s.]+", "", left).casefold() == re.sub(r"[\s.]+", "", right).casefold()


def _is_wrong(attribute: str, said: str | None, wrong: str, rules: Rules) -> bool:
    """Whether a record says the value that is to be replaced, in whatever spelling it was given."""
    return said is not None and (
        said.casefold() == clean(wrong).casefold()
        or _same(attribute, said, clean(wrong))
        or said == normalized(attribute, wrong, rules)[0]
    )


def changes_for(
    records: Sequence[Mapping[str, str | None]],
    earlier: Mapping[tuple[str | None, str], str | None],
    unit: str,
    right: Parts,
    wrong: str,
    rules: Rules,
) -> list[Change]:
    """What is to stand in which record.

    `records` are what sources say (record_id and attributes as text), `earlier` is what stands in their place since something was put right
    before, by record and attribute.

    Raises:
        RectificationError: no record has a value for it, or none has the one to replace.
    """
    parts = parts_of(unit)
    stated = [record for record in records if any(record[part] is not None for part in parts)]
    in_addresses = [record[part] for record in stated for part in parts if part != "country"]
    if unit == "address" and not right["street_address"] and any(value is not None for value in in_addresses):
        raise RectificationError(
            "country: records of this person have an address, which is put right as a whole: give street_address, city and country, "
            "and postal_code and region where it has them."
        )
    if not stated:
        raise RectificationError(
            f"{unit}: none of this person's {len(records)} records has any, so there is nothing to put right. Have a source add it."
        )

    def is_meant(record: Mapping[str, str | None], attribute: str) -> bool:
        before = earlier.get((record["record_id"], attribute))
        return any(_is_wrong(attribute, said, wrong, rules) for said in (record[attribute], before))

    found: list[Change] = []
    if unit in _PHONES:
        numbers = {record[unit] for record in stated if record[unit] is not None}
        for record in records:
            for column in _PHONES:
                if is_meant(record, column) if wrong else record[column] in numbers:
                    found.append(Change(str(record["record_id"]), column, column, record[column], right[unit]))
    else:
        for record in stated:
            if not wrong or any(is_meant(record, part) for part in parts):
                # Where a record has no full name, its parts make one.
                found += [
                    Change(
                        str(record["record_id"]),
                        unit,
                        part,
                        record[part],
                        None if part == "full_name" and record[part] is None else right[part],
                    )
                    for part in parts
                ]
    if not found:
        raise RectificationError(
            f"{unit}: none of this person's {len(records)} records has the value to be replaced. "
            "Leave WRONG out to replace whatever they have."
        )
    return found


def superseded_by(
    changes: Sequence[Change], earlier: Mapping[tuple[str, str], tuple[str | None, str | None]]
) -> list[Change]:
    """Contact points that stood in records, as a source said or as they were put right, and that something else is to stand for now."""
    return [
        replace(change, unit=SUPERSEDED, replaced=before)
        for change in changes
        if change.unit == "email" or change.unit in _PHONES
        for before in sorted({each for each in earlier.get((change.record_id, change.attribute), ()) if each})
        if before not in (change.replaced, change.value)
    ]


def needed(changes: Sequence[Change]) -> set[tuple[str, str]]:
    """Records and units in which the source does not say all of what is right itself."""
    return {
        (change.record_id, change.unit)
        for change in changes
        if not _same(change.attribute, change.replaced, change.value)
    }


@cache
def _variables() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"]
    return loaded


def rules_of(connection: duckdb.DuckDBPyConnection, subject: Subject) -> Rules:
    """What the person's values are checked by; numbers without a calling code are of the country they live in."""
    junk = connection.execute("select kind, value from reference.junk_values").fetchall()
    country = None
    if has_table(connection, "marts", "customers"):
        found = connection.execute("select country from marts.customers where customer_id = ?", [subject.customer_id])
        country = next((row[0] for row in found.fetchall()), None)
    variables = _variables()
    return Rules(junk_by_kind(junk), country or variables["default_country"], int(variables["birth_date_oldest_years"]))


def _records(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], subject: Subject
) -> list[dict[str, str | None]]:
    listed = ", ".join(
        f'cast("{column}" as varchar) as "{column}"' for column in ["record_id", "source_name", *columns]
    )
    relation = connection.sql(
        f"select {listed} from identity.{RECORDS} where record_id in (select unnest($1)) order by record_id",
        params=[_own_records(connection, subject)],
    )
    found: list[dict[str, str | None]] = relation.to_arrow_table().to_pylist()
    return found


def _own_records(connection: duckdb.DuckDBPyConnection, subject: Subject) -> list[str]:
    """Records that are the customer's now; one that went to somebody else since is not theirs to put right."""
    rows = connection.execute(
        "select record_id from identity.customer_ids where customer_id = ? order by all", [subject.customer_id]
    ).fetchall()
    return [str(record_id) for (record_id,) in rows]


def rectify_subject(
    place: Place, key: Key, text: str, request: Request, is_dry_run: bool = False, tell: Progress = quiet
) -> Outcome:
    """Put an attribute of a person right, from the next build on.

    Raises:
        SubjectError: nobody or several customers are meant.
        RectificationError: the attribute or its value is refused, or no record has anything to put right.
    """
    with opened(place) as connection:
        subject, columns = _prepared(connection, text)
        for attribute in request.values:
            check_attribute(attribute, columns)
        rules = rules_of(connection, subject)
        unit, right = right_values(request.values, rules)
        entry = Entry.start("rectify-subject", subject_hash(key, subject), is_dry_run)
        tell("privacy.rectifications")
        records = _records(connection, known_attributes(columns), subject)
        earlier = _earlier(connection, records)
        holding = {
            (record["record_id"], attribute): value
            for record in records
            for attribute, said in record.items()
            for replaced, value in [earlier.get((str(record["record_id"]), attribute), (None, None))]
            if value is not None and replaced == said
        }
        changes = changes_for(records, holding, unit, right, request.wrong, rules)
        wanted = needed(changes)
        written = [change for change in changes if (change.record_id, change.unit) in wanted]
        kept = {(each.record_id, each.attribute): (each.replaced, each.value) for each in written}
        # Records of which all is as it should be keep their rows, with the time they were put right.
        differing = {
            (each.record_id, each.unit)
            for each in changes
            if earlier.get((each.record_id, each.attribute)) != kept.get((each.record_id, each.attribute))
        }
        rows = [each for each in written if (each.record_id, each.unit) in differing]
        plan = planned(connection, sorted(differing), rows, changes, earlier)
        count = len(rows) + len(plan.superseded)
        hits = [*([Hit("privacy.rectifications", count)] if count else []), *plan.restriction_hits]
        _write(connection, None if is_dry_run else plan, entry, hits, request.reason)
    return Outcome(hits, _messages(unit, written, bool(differing or plan.superseded), records, is_dry_run))


def withdraw_rectification(
    place: Place, key: Key, text: str, attribute: str, is_dry_run: bool = False, tell: Progress = quiet
) -> Outcome:
    """Take back what was put right of an attribute (of all parts of a name or address): from the next build sources' word counts again.

    What was refused or restricted at a contact point meanwhile goes along to the one that sources say.

    Raises:
        SubjectError: nobody or several customers are meant.
        RectificationError: there is no such attribute, or nothing of it was put right.
    """
    with opened(place) as connection:
        subject, columns = _prepared(connection, text)
        if attribute not in UNITS:
            check_attribute(attribute, columns)
        entry = Entry.start("rectify-subject", subject_hash(key, subject), is_dry_run)
        tell("privacy.rectifications")
        own, unit = _own_records(connection, subject), unit_of(attribute)
        ((rows,),) = connection.execute(
            "select count(*) from privacy.rectifications where unit = $2 and list_contains($1, record_id)", [own, unit]
        ).fetchall()
        if not rows:
            raise RectificationError(f"{attribute}: nothing of this person's was put right there. Nothing is changed.")
        records = _records(connection, known_attributes(columns), subject)
        # From now on the record says what its source does.
        said = [
            Change(str(record["record_id"]), unit, part, record[part], record[part])
            for record in records
            for part in parts_of(unit)
        ]
        plan = planned(connection, [(record_id, unit) for record_id in own], [], said, _earlier(connection, records))
        hits = [Hit("privacy.rectifications", int(rows)), *plan.restriction_hits]
        _write(connection, None if is_dry_run else plan, entry, hits, outcome="done" if is_dry_run else "withdrawn")
    return Outcome(hits, [] if is_dry_run else ["Withdrawn: from the next build what the sources say counts again."])


def _prepared(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[Subject, list[str]]:
    """The person, and the columns that records have."""
    connection.execute(TABLES)
    subject = Subject(find_customer(connection, text))
    columns = connection.execute(
        "select column_name from information_schema.columns where table_catalog = current_database()"
        " and table_schema = 'identity' and table_name = ? order by ordinal_position",
        [RECORDS],
    ).fetchall()
    if not columns:
        raise RectificationError(f"identity.{RECORDS} is not there: build the database first (make run).")
    return subject, [str(name) for (name,) in columns]


def _earlier(
    connection: duckdb.DuckDBPyConnection, records: Sequence[Mapping[str, str | None]]
) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """What was replaced by what, by record and attribute."""
    rows = connection.execute(
        "select record_id, attribute, replaced_value, value from privacy.rectifications where unit <> ? and list_contains(?, record_id)",
        [SUPERSEDED, [record["record_id"] for record in records]],
    ).fetchall()
    return {(str(record_id), str(attribute)): (replaced, value) for record_id, attribute, replaced, value in rows}


def planned(
    connection: duckdb.DuckDBPyConnection,
    units: Sequence[tuple[str, str]],
    right: Sequence[Change],
    changes: Sequence[Change],
    earlier: Mapping[tuple[str, str], tuple[str | None, str | None]],
) -> Plan:
    """What has to be written for records to say what `changes` tell; `units` and `right` as in Plan."""
    superseded = superseded_by(changes, earlier)
    # What stands in a record again is superseded no longer, and what is superseded once more is so once.
    renewed = [
        (each.record_id, each.attribute, value)
        for each, value in [*((each, each.value) for each in changes), *((each, each.replaced) for each in superseded)]
        if value is not None
    ]
    return Plan(units, right, superseded, renewed, _newly_restricted(connection, [*right, *superseded]))


def _write(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan | None,
    entry: Entry,
    hits: Sequence[Hit],
    reason: str = "",
    outcome: str = "done",
) -> None:
    """Carry a plan out and log it, all or nothing; without a plan, log the dry run."""
    connection.execute("begin transaction")
    try:
        if plan:
            _carry_out(connection, plan, entry, reason)
        write_log(connection, entry, len(hits), sum(hit.rows for hit in hits), outcome)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _carry_out(connection: duckdb.DuckDBPyConnection, plan: Plan, entry: Entry, reason: str) -> None:
    for record_id, unit in plan.units:
        connection.execute("delete from privacy.rectifications where record_id = ? and unit = ?", [record_id, unit])
    for record_id, attribute, value in plan.renewed:
        connection.execute(
            "delete from privacy.rectifications where unit = ? and record_id = ? and attribute = ? and replaced_value = ?",
            [SUPERSEDED, record_id, attribute, value],
        )
    for each in [*plan.right, *plan.superseded]:
        # What supersedes is told by what stands in the record, so that it stays right when that is put right once more.
        stated = None if each.unit == SUPERSEDED else each.value
        row = [each.record_id, each.unit, each.attribute, each.replaced, stated]
        connection.execute(
            "insert into privacy.rectifications values (?, ?, ?, ?, ?, ?, ?, ?)",
            [*row, entry.started_at, entry.operation_id, reason or None],
        )
    for restriction in plan.restricted:
        connection.execute("insert into privacy.restrictions values (?, ?, ?, ?)", list(restriction))


def _newly_restricted(connection: duckdb.DuckDBPyConnection, changes: Sequence[Change]) -> list[tuple[Any, ...]]:
    """Who is restricted is so by the right address, too: rows of privacy.restrictions that are missing."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for change in changes:
        if change.value is None:
            continue
        kind = "phone" if change.attribute in _PHONES else change.attribute
        for row in connection.execute(
            "select identifier_type, $3, reason, suppressed_at from privacy.restrictions where identifier_type = $1 and identifier = $2"
            " and not exists (select 1 from privacy.restrictions where identifier_type = $1 and identifier = $3)",
            [kind, change.replaced, change.value],
        ).fetchall():
            # Of two that are replaced by one, the restriction that was there first counts.
            key = (str(row[0]), str(row[1]))
            found[key] = min(found.get(key, row), row, key=lambda each: each[3])
    return [found[key] for key in sorted(found)]


def _messages(
    unit: str,
    written: Sequence[Change],
    is_changed: bool,
    records: Sequence[Mapping[str, str | None]],
    is_dry_run: bool,
) -> list[str]:
    if not written and is_changed:
        return [f"{unit}: every source says so already; what was put right before is taken back."]
    if not written:
        return [f"{unit}: every source says so already; nothing needs to be put right."]
    names = {record["record_id"]: str(record["source_name"]) for record in records}
    sources = sorted({names[change.record_id] for change in written})
    count = len({change.record_id for change in written})
    told = [f"{unit}: {count} of {len(records)} records, of {', '.join(sources)}."]
    if not is_changed:
        return [*told, "This was put right before; nothing is changed."]
    if not is_dry_run:
        told.append("The next build shows the right value everywhere and tells the destinations: run it now.")
    told.append(
        f"Have it corrected in {', '.join(sources)}, too: once a source sends another value than the one replaced, its word counts."
    )
    return told
