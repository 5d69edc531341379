"""Who is meant by an identifier, and everything that is theirs alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import duckdb

from python_udfs.normalize.batches import Junk
from python_udfs.normalize.emails import normalize_email
from python_udfs.normalize.phones import normalize_phone
from python_udfs.privacy.inventory import CONTACT_KINDS, DISTINCTIVE_LENGTH, Table, quote

Values = dict[str, set[str]]
# Kinds of the identity layer -> kinds of key_columns.yml.
IDENTIFIER_KINDS = {
    "anonymous_id": "device",
    "device_id": "device",
    "hubspot_contact_id": "hubspot.contact",
    "salesforce_contact_id": "salesforce.contact",
}
_NO_JUNK: Junk = {
    "email": frozenset(),
    "email_local_part": frozenset(),
    "email_domain": frozenset(),
    "phone": frozenset(),
}
# What is not remembered after an erasure: numbers that are given anew, and spellings whose normal form is remembered.
NOT_REMEMBERED = ("record_key", "visitor")
# Kinds that name rows and not people.
_NO_IDENTIFIERS = (*NOT_REMEMBERED, "customer_id", "record_id", "activation_id")
_MOST_LITERALS = 300


class SubjectError(RuntimeError):
    """Nobody, or more than one customer, is meant; the message tells which and what to do. It repeats no personal value."""


@dataclass
class Subject:
    """A person: customer ids (present and former) and all values of theirs by kind; spellings are raw forms of contact points.

    followed: kinds of ids of which all that any row of theirs has are known.
    """

    customer_id: str | None
    values: Values = field(default_factory=dict)
    spellings: Values = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)

    def add(self, kind: str, values: set[str]) -> bool:
        """Add values of a kind; True when any is new."""
        known = self.values.setdefault(kind, set())
        before = len(known)
        known.update(value for value in values if value)
        return len(known) > before

    def take(self, other: Subject) -> None:
        """Add all values of another person."""
        for mine, theirs in ((self.values, other.values), (self.spellings, other.spellings)):
            for kind, values in theirs.items():
                mine.setdefault(kind, set()).update(values)

    def all_values(self) -> list[tuple[str, str]]:
        """Pairs of kind and value, spellings included, sorted."""
        pairs = {(kind, value) for part in (self.values, self.spellings) for kind in part for value in part[kind]}
        return sorted(pairs)

    def remembered(self) -> list[tuple[str, str]]:
        """Pairs of kind and value by which the person is recognized when a source sends them again."""
        return sorted(
            (kind, value) for kind in self.values if kind not in NOT_REMEMBERED for value in self.values[kind]
        )

    def contact_values(self) -> list[str]:
        """E-mail addresses, phone numbers and device ids, with their spellings."""
        return sorted({value for kind, value in self.all_values() if kind in CONTACT_KINDS})


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """True when the database has the table or view."""
    return bool(
        connection.execute(
            "select count(*) from information_schema.tables"
            " where table_catalog = current_database() and table_schema = ? and table_name = ?",
            [schema, name],
        ).fetchall()[0][0]
    )


def _column(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | dict[str, object]
) -> set[str]:
    return {str(value) for (value,) in connection.execute(query, parameters).fetchall() if value is not None}


def possible_forms(text: str) -> list[str]:
    """The identifier as given and in the normal forms it may have."""
    forms = [text.strip()]
    email, _ = normalize_email(text, _NO_JUNK)
    phone, _, _ = normalize_phone(text, "US", _NO_JUNK) if text.strip().startswith(("+", "00")) else (None, None, None)
    return list(dict.fromkeys([*forms, *(form for form in (email, phone) if form)]))


def find_customer(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """The customer id of the one person an identifier leads to.

    Tried in turn, the first answer counts: customer id, former customer id, record id, identifier, a system's own id.

    Raises:
        SubjectError: nobody or several customers have it, or nothing has been built yet.
    """
    if not has_table(connection, "identity", "customer_ids"):
        raise SubjectError("The database has no customers yet: build it first (make run).")
    forms = possible_forms(text)
    searches = [
        "select distinct customer_id from identity.customer_ids where customer_id in (select unnest(?))",
        "select distinct current_customer_id from identity.customer_id_redirects where old_customer_id in (select unnest(?))",
        "select distinct customer_id from identity.customer_ids where record_id in (select unnest(?))",
        "select distinct customer_id from identity.customer_id_ledger where record_id in (select unnest(?))",
        "select distinct customer_id from marts.customer_identifiers where identifier_value in (select unnest(?))",
        # A table of people may have the records of several sources: crm:17 and 17 both mean people:person:crm:17.
        "select distinct customer_id from identity.customer_ids"
        " where list_has_any(?, [regexp_replace(record_id, '^[^:]*:[^:]*:', ''), split_part(record_id, ':', -1)])",
    ]
    if has_table(connection, "privacy", "rectifications"):
        # An address or number that was put right is nobody's any more; whose it was can still be asked.
        searches.append(
            "select distinct customer_id from identity.customer_ids where record_id in"
            " (select record_id from privacy.rectifications where replaced_value in (select unnest(?)))"
        )
    for search in searches:
        found = sorted(_column(connection, search, [forms]))
        if len(found) > 1:
            raise SubjectError(
                f"{len(found)} customers have this identifier: {', '.join(found[:10])}. Name one of them by its customer id."
            )
        if found:
            return found[0]
    raise SubjectError(
        "Nobody has this identifier. Give an e-mail address, a phone number in international form, a customer id, a record id "
        "such as shopify:customer:42, a user id or a device id."
    )


def find_subject(
    connection: duckdb.DuckDBPyConnection, text: str, tables: list[Table], with_every_id: bool = True
) -> Subject:
    """The person behind an identifier with every value that is theirs alone.

    An identifier that others have too (a family's mailbox) is not among them: their rows must neither be shown nor deleted.
    with_every_id: the ids of rows that no other table refers to, too, by which an erased person is kept out; reading does without.

    Raises:
        SubjectError: nobody or several customers are meant.
    """
    customer_id = find_customer(connection, text)
    subject = Subject(customer_id)
    subject.add("customer_id", {customer_id})
    former = "select old_customer_id from identity.customer_id_redirects where current_customer_id = ?"
    subject.add("customer_id", _column(connection, former, [customer_id]))
    ids = sorted(subject.values["customer_id"])
    for relation in ("identity.customer_ids", "identity.customer_id_ledger"):
        query = f"select record_id from {relation} where customer_id in (select unnest(?))"
        subject.add("record_id", _column(connection, query, [ids]))
    own = connection.execute(
        "select identifier_type, identifier_value from marts.customer_identifiers where customer_id = ? and customer_count = 1",
        [customer_id],
    ).fetchall()
    for kind, value in own:
        subject.add(IDENTIFIER_KINDS.get(kind, kind), {str(value)})
    complete(connection, subject, tables, with_every_id)
    return subject


def complete(
    connection: duckdb.DuckDBPyConnection, subject: Subject, tables: list[Table], with_every_id: bool = True
) -> None:
    """Add what follows from what is known: ids inside record ids, keys, spellings, and the rows that refer to rows."""
    for record_id in sorted(subject.values.get("record_id", set())):
        source, _, rest = record_id.partition(":")
        entity, _, native = rest.partition(":")
        if native and (source, entity) != ("segment", "user"):
            subject.add(f"{source}.{entity}", {native})
    # How sessions name who visits.
    devices, customers = subject.values.get("device", set()), subject.values.get("customer_id", set())
    subject.add("visitor", {f"{prefix}:{device}" for prefix in ("browser", "device") for device in devices})
    subject.add("visitor", {f"customer:{customer}" for customer in customers})
    records = sorted(subject.values.get("record_id", set()))
    if has_table(connection, "identity", "identity_features"):
        query = "select record_key from identity.identity_features where record_id in (select unnest(?))"
        subject.add("record_key", _column(connection, query, [records]))
    ids = sorted(subject.values.get("customer_id", set()))
    # Rows of activation without a customer id name the person by what other rows of activation tell.
    for table in tables:
        columns = {kind: expression for expression, kind in table.matches}
        if not table.is_raw and {"activation_id", "customer_id"} <= set(columns):
            query = f"select activation_id from {table.full_name} where {columns['customer_id']} in (select unnest(?))"
            subject.add("activation_id", _column(connection, query, [ids]))
    _add_rectified(connection, subject)
    _add_spellings(connection, subject)
    _follow_references(connection, subject, tables, with_every_id)


def _add_rectified(connection: duckdb.DuckDBPyConnection, subject: Subject) -> None:
    """Contact points that were put right, before and after, and that nobody else has or had.

    As spellings: they tell which rows are the person's, but the person is not recognized by them once erased, because a mistyped address
    may be somebody else's.
    """
    if not has_table(connection, "privacy", "rectifications"):
        return
    records = sorted(subject.values.get("record_id", set()))
    customers = sorted(subject.values.get("customer_id", set()))
    for kind in ("email", "phone"):
        replaced = _column(
            connection,
            """
            select stated from (
                select record_id, unnest([replaced_value, value]) as stated from privacy.rectifications
                where attribute in ($kind, 'secondary_' || $kind)
            )
            where stated is not null
            group by stated
            having bool_and(list_contains($records, record_id))
            """,
            {"kind": kind, "records": records},
        ) - subject.values.get(kind, set())
        if not replaced:
            continue
        others = _column(
            connection,
            """
            select identifier_value from marts.customer_identifiers
            where identifier_type = $kind and identifier_value in (select unnest($replaced)) and not list_contains($customers, customer_id)
            """,
            {"kind": kind, "replaced": sorted(replaced), "customers": customers},
        )
        subject.spellings.setdefault(kind, set()).update(replaced - others)


def _add_spellings(connection: duckdb.DuckDBPyConnection, subject: Subject) -> None:
    for kind in ("email", "phone"):
        dictionary = f"stg_normalized_{kind}s"
        wanted = sorted(subject.values.get(kind, set()) | subject.spellings.get(kind, set()))
        if not wanted or not has_table(connection, "staging", dictionary):
            continue
        # A national number may be one person's in France and another's in Spain; such a spelling says nothing.
        spellings = _column(
            connection,
            f"""
            select raw_value from staging.{dictionary}
            where raw_value in (select raw_value from staging.{dictionary} where {kind} in (select unnest(?)))
            group by raw_value
            having bool_and({kind} is null or list_contains(?, {kind}))
            """,
            [wanted, wanted],
        )
        subject.spellings.setdefault(kind, set()).update(spellings - set(wanted))


def is_distinctive(kind: str, value: str) -> bool:
    """True for a value that means the person in whatever column it stands; digits alone may be anything's number."""
    if kind in ("record_id", "customer_id"):
        return True
    return kind in CONTACT_KINDS and len(value) >= DISTINCTIVE_LENGTH and not value.isdigit()


def is_whole_number(text: str) -> bool:
    """True for a text that a column of whole numbers may hold."""
    return text.isascii() and text.isdigit() and int(text) < 2**63


def load_values(connection: duckdb.DuckDBPyConnection, subject: Subject) -> None:
    """Put the values where queries read them: temporary table subject_values(kind, value, is_distinctive)."""
    connection.execute(
        "create or replace temp table subject_values (kind varchar, value varchar, is_distinctive boolean)"
    )
    rows = [(kind, value, is_distinctive(kind, value)) for kind, value in subject.all_values()]
    if rows:
        connection.execute(
            "insert into subject_values select unnest($kinds), unnest($texts), unnest($marks)",
            {"kinds": [row[0] for row in rows], "texts": [row[1] for row in rows], "marks": [row[2] for row in rows]},
        )


def text_literal(value: str) -> str:
    """A text as SQL."""
    return "'" + value.replace("'", "''") + "'"


def _is_one_of(expression: str, values: list[str], otherwise: str, literal: Callable[[str], str] = text_literal) -> str:
    """A condition on values: as literals, which is fastest to plan, or by the temporary table where they are many."""
    listed = ", ".join(map(literal, values)) if len(values) <= _MOST_LITERALS else otherwise
    return f"{expression} in ({listed})"


def typed_expression(type_column: str, column: str) -> str:
    """Kind and value of an identifier whose kind stands in another column, as one text."""
    name = f"lower({quote(type_column)})"
    kinds = " ".join(f"when '{given}' then '{kind}'" for given, kind in IDENTIFIER_KINDS.items())
    return f"(case {name} {kinds} else {name} end || ' ' || cast({quote(column)} as varchar))"


def key_conditions(table: Table, subject: Subject, kinds: set[str] | None = None) -> list[str]:
    """Conditions by declared columns; those of some kinds only where kinds are given."""
    conditions = []
    for expression, kind in table.matches:
        values = sorted(subject.values.get(kind, set()) | subject.spellings.get(kind, set()))
        every = f"select value from subject_values where kind = {text_literal(kind)}"
        literal: Callable[[str], str] = text_literal
        if expression in table.integers:
            values, literal = list(filter(is_whole_number, values)), str
            every = f"select try_cast(value as bigint) from subject_values where kind = {text_literal(kind)}"
        if values and (kinds is None or kind in kinds):
            conditions.append(_is_one_of(expression, values, every, literal))
    pairs = identifiers(subject)
    for type_column, column in table.typed_matches:
        if pairs and (kinds is None or any(kind in kinds for kind, _ in pairs)):
            # The value alone is compared while it is read; its kind, which has to be computed, for the few rows that are left.
            of_any = _is_one_of(
                table.as_text(column), sorted({value for _, value in pairs}), "select value from subject_values"
            )
            typed = typed_expression(type_column, column)
            every = "select kind || ' ' || value from subject_values"
            of_kind = _is_one_of(typed, [f"{kind} {value}" for kind, value in pairs], every)
            conditions.append(f"({of_any} and {of_kind})")
    return conditions


def identifiers(subject: Subject) -> list[tuple[str, str]]:
    """Kinds and values as columns hold them that name the kind of identifier in another column."""
    return [
        (kind, value)
        for kind, value in subject.all_values()
        if kind not in _NO_IDENTIFIERS and ("." not in kind or kind in IDENTIFIER_KINDS.values())
    ]


def text_conditions(table: Table, subject: Subject) -> list[str]:
    """Conditions by the content of text columns, whatever they are called; in free text, values amid other words count too."""
    distinctive = sorted({value for kind, value in subject.all_values() if is_distinctive(kind, value)})
    pattern = free_text_pattern(subject)
    conditions = []
    if distinctive:
        every = "select value from subject_values where is_distinctive"
        conditions += [_is_one_of(quote(column), distinctive, every) for column in table.text_columns]
    if pattern:
        conditions += [
            f"regexp_matches({quote(column)}, {text_literal(pattern)}, 'i')" for column in table.free_text_columns
        ]
    return conditions


def free_text_values(subject: Subject, fits: Callable[[str], bool] = bool) -> list[tuple[str, str]]:
    """Kinds and values that are looked for amid other text: contact points and record ids that are distinctive and that fit."""
    return [
        (kind, value)
        for kind, value in subject.all_values()
        if (kind in CONTACT_KINDS or kind == "record_id") and len(value) >= DISTINCTIVE_LENGTH and fits(value)
    ]


def free_text_pattern(subject: Subject, fits: Callable[[str], bool] = bool) -> str:
    """A regular expression that finds the person's contact points and record ids amid other text; empty if there are none that fit.

    Only whole ones: ann@x.org is neither joann@x.org nor ann@x.org.uk. Both RE2 and Python read it.
    """
    special = set("\\.+*?()|[]{}^$")
    escaped = sorted(
        {
            "".join("\\" + char if char in special else char for char in value)
            for _, value in free_text_values(subject, fits)
        },
        key=lambda text: (-len(text), text),
    )
    return rf"(^|[^0-9A-Za-z._+-])({'|'.join(escaped)})(\.?$|\.?[^0-9A-Za-z.-])" if escaped else ""


def row_condition(table: Table, subject: Subject) -> str | None:
    """What makes a row the person's, as SQL over temporary table subject_values; None when nothing can."""
    conditions = [*key_conditions(table, subject), *text_conditions(table, subject)]
    return f"coalesce({' or '.join(conditions)}, false)" if conditions else None


def _follow_references(
    connection: duckdb.DuckDBPyConnection, subject: Subject, tables: list[Table], with_every_id: bool
) -> None:
    """Orders of the customer, lines of the orders, refunds of the lines: until nothing new is found."""
    keyed = [table for table in tables if table.is_raw and table.key]
    if not with_every_id:
        referred = {kind for table in tables for expression, kind in table.matches if (expression, kind) != table.key}
        keyed = [table for table in keyed if table.key and table.key[1] in referred]
    changed = set(subject.values)
    while changed:
        load_values(connection, subject)
        # All tables in one statement, so that the engine reads several at a time.
        queries = []
        for table in keyed:
            assert table.key is not None
            expression, kind = table.key
            others = replace(table, matches=tuple(pair for pair in table.matches if pair[1] != kind))
            queries += [
                f"select {text_literal(kind)} as kind, cast({expression} as varchar) as id from {table.full_name} where {condition}"
                for condition in key_conditions(others, subject, changed)
            ]
        found: Values = {}
        for kind, value in connection.execute(" union ".join(queries)).fetchall() if queries else ():
            found.setdefault(kind, set()).add(value or "")
        changed = {kind for kind, values in found.items() if subject.add(kind, values)}
    subject.followed = {table.key[1] for table in keyed if table.key}
    load_values(connection, subject)
