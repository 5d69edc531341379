"""A few dozen customers and what upstream models would say of them, day by day; nothing here is drawn at random but by number."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

START = datetime(2025, 6, 1, 12)
DAY = timedelta(days=1)
PERSON_PURPOSES = ("analytics", "personalization", "advertising", "sale_or_share")

# Columns of the upstream tables that the models read, with the types that the real ones have.
TABLES = {
    "as_of_time": "as_of_at timestamp",
    "int_customer_golden_values": "customer_id varchar, given_name varchar, middle_name varchar, family_name varchar, full_name varchar, "
    "email varchar, is_email_verified boolean, phone varchar, birth_date date, gender varchar, street_address "
    "varchar, city varchar, region varchar, postal_code varchar, address_country varchar, country varchar, "
    "company_name varchar, job_title varchar, record_count bigint, source_count bigint, sources varchar, "
    "first_seen_at timestamp, last_seen_at timestamp, is_anonymous boolean",
    "orders": "order_id varchar, order_kind varchar, customer_id varchar, ordered_at timestamp, currency varchar, "
    "sales_channel varchar, store_id varchar, net_amount decimal(18, 2), is_cancelled boolean, is_test boolean",
    "int_customer_stores": "customer_id varchar, nearest_store_id varchar, nearest_store_basis varchar, nearest_store_km double,"
    " favourite_store_id varchar, favourite_store_sale_count bigint",
    "int_customer_categories": "customer_id varchar, favourite_category varchar, favourite_category_orders bigint,"
    " favourite_category_share double",
    "int_customer_acquisition": "customer_id varchar, acquisition_channel varchar, acquisition_campaign varchar, acquisition_basis varchar,"
    " acquired_at timestamp",
    "int_customer_identity_quality": "customer_id varchar, proven_record_count bigint, weakest_link_bits double",
    "customer_interests": "customer_id varchar, interest varchar, origin varchar",
    "customer_preferences": "customer_id varchar, preference varchar, preferred_value varchar, origin varchar",
    "int_customer_feedback": "customer_id varchar, nps_score integer, nps_answered_at timestamp, csat_score decimal(18, 4), "
    "csat_answered_at timestamp",
    "int_customer_behavior": "customer_id varchar, recent_abandoned_carts bigint, recent_page_views bigint, recent_web_actions bigint, "
    "last_web_visit_at timestamp, recent_emails_received bigint, recent_email_opens bigint, "
    "recent_email_clicks bigint, last_email_engaged_at timestamp, ticket_count bigint, "
    "open_ticket_count bigint, last_ticket_at timestamp",
    "customer_lifetime_value": "customer_id varchar, probability_alive double, purchase_probability double, expected_purchases "
    "decimal(18, 6), lifetime_value decimal(18, 2)",
    "consent_status": "customer_id varchar, identifier_type varchar, identifier varchar, purpose_code varchar, channel varchar, "
    "status varchar, is_permitted boolean, deciding_event_id varchar, rule_applied varchar",
    "consent_events": "event_id varchar, identifier_type varchar, identifier varchar, language varchar, event_at timestamp",
    "contact_deliverability": "identifier_type varchar, identifier varchar, is_deliverable boolean",
    "customer_identifiers": "customer_id varchar, identifier_type varchar, identifier_value varchar, is_shared boolean,"
    " valid_from timestamp, valid_to timestamp",
    "customer_id_events": "event_id varchar, happened_at timestamp, run_id varchar, ledger_version bigint, event_type varchar, "
    "old_customer_id varchar, new_customer_id varchar, record_count bigint, cause varchar, cause_detail "
    "varchar",
    "account_contacts": "account_id varchar, customer_id varchar, is_primary_account boolean",
    "accounts": "account_id varchar, account_name varchar, industry varchar, employee_count bigint",
    "int_customer_margins": "customer_id varchar, margin decimal(18, 2), margin_coverage double",
    "currency_rates": "currency varchar, rate double",
    "rfm_groups": "recency_score integer, frequency_score integer, rfm_segment varchar",
    "purposes": "purpose_code varchar",
    "purposes_channels": "purpose_code varchar, channel varchar, has_status boolean",
}


@dataclass
class Record:
    """What one source knows of a person; a customer is one or more of these."""

    number: int
    given_name: str | None
    family_name: str | None
    email: str | None
    phone: str | None
    city: str | None
    country: str | None
    crm_id: str | None
    device_id: str | None
    order_days: list[int]
    nps_score: int | None
    refused: set[str] = field(default_factory=set)


class World:
    """Customers of a day. A change is made to it as a source or the identity layer would make it."""

    def __init__(self, size: int = 40) -> None:
        self.as_of = START
        self.records = {number: self._record(number) for number in range(1, size + 1)}
        self.customer_of = {number: f"c{number:02}" for number in self.records}
        self.events: list[tuple[Any, ...]] = []
        self.version = 0
        for number in self.records:
            self._tell("created", None, self.customer_of[number])

    def _record(self, number: int) -> Record:
        orders = [5 + (number * 17 + turn * (20 + number)) % 380 for turn in range(number % 6)]
        return Record(
            number=number,
            given_name=None if number % 13 == 0 else f"Dr. Ann {number}",
            family_name=f"O'Neil-{number} Jr.",
            email=None if number % 11 == 0 else f"ann.{number}+shop@gmail.com",
            phone=None if number % 7 == 0 else f"+1202555{number:04}",
            city="St. Louis",
            country=None if number % 9 == 0 else "US",
            crm_id=f"h{number}" if number % 2 else None,
            device_id=f"device-{number}" if number % 3 else None,
            order_days=orders,
            nps_score=(number % 11) if number % 3 == 0 else None,
            refused={"sms"} if number % 5 == 0 else set(),
        )

    def _tell(self, kind: str, old: str | None, new: str | None) -> None:
        """Note what happened to an id as the ledger publishes it."""
        self.version += 1
        event = (f"e{self.version}", self.as_of, "run", self.version, kind, old, new, 1, "changed evidence", None)
        self.events.append(event)

    # -- changes -------------------------------------------------------------------------------------------------

    def correct(self, number: int, **values: Any) -> None:
        """A source sends other values."""
        for name, value in values.items():
            setattr(self.records[number], name, value)

    def merge(self, number: int, into: int) -> None:
        """Two customers turn out to be one person."""
        old, new = self.customer_of[number], self.customer_of[into]
        self._tell("merged", old, new)
        for other, customer in self.customer_of.items():
            if customer == old:
                self.customer_of[other] = new

    def undo_merge(self, number: int) -> None:
        """The records of a merged customer are told apart again and have their id back."""
        self._tell("restored", self.customer_of[number], f"c{number:02}")
        self.customer_of[number] = f"c{number:02}"

    def split(self, number: int, customer_id: str) -> None:
        """A record turns out to be another person, who gets a new id."""
        self._tell("split", self.customer_of[number], customer_id)
        self.customer_of[number] = customer_id

    def erase(self, number: int) -> None:
        """No source has the record any more."""
        customer = self.customer_of.pop(number)
        del self.records[number]
        if customer not in self.customer_of.values():
            self._tell("retired", customer, None)

    def refuse(self, number: int, *what: str) -> None:
        """Withdraw consent to channels or purposes."""
        self.records[number].refused |= set(what)

    def allow(self, number: int, *what: str) -> None:
        """Give it again."""
        self.records[number].refused -= set(what)

    def arrive(self, number: int) -> None:
        """Somebody new."""
        self.records[number] = self._record(number)
        self.customer_of[number] = f"c{number:02}"
        self._tell("created", None, self.customer_of[number])

    # -- what upstream models publish ------------------------------------------------------------------------------

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Rows of the upstream tables as of now."""
        customers: dict[str, list[Record]] = {}
        for number in sorted(self.customer_of):
            customers.setdefault(self.customer_of[number], []).append(self.records[number])
        tables: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        tables["as_of_time"] = [(self.as_of,)]
        tables["currency_rates"] = [("EUR", 1.0), ("USD", 1.1)]
        groups = {1: "hibernating", 2: "about_to_sleep", 3: "need_attention", 4: "loyal", 5: "champion"}
        tables["rfm_groups"] = [(r, f, groups[min(r, f)]) for r in range(1, 6) for f in range(1, 6)]
        tables["customer_id_events"] = list(self.events)
        for customer, records in customers.items():
            self._customer_rows(tables, customer, records)
        return tables

    def _customer_rows(self, tables: dict[str, list[tuple[Any, ...]]], customer: str, records: list[Record]) -> None:
        def best(name: str) -> Any:
            return next((getattr(r, name) for r in records if getattr(r, name) is not None), None)

        given, family, email, phone = best("given_name"), best("family_name"), best("email"), best("phone")
        seen = START - 400 * DAY
        tables["int_customer_golden_values"].append(
            (customer, given, None, family, family, email, True, phone, None, None, None, best("city"), None, "63101-1234",
             best("country"), best("country"), None, None, len(records), 1, "shopify", seen, seen, email is None and phone is None)
        )  # fmt: skip
        refused = set[str]().union(*(record.refused for record in records))
        for record in records:
            for turn, days in enumerate(record.order_days):
                order = f"{record.number}-{turn}"
                sold = START - days * DAY
                kind = "return" if turn == 4 else "sale"
                amount = -5 if turn == 4 else 20 + record.number * (turn + 1)
                shop = "store" if turn % 2 else "online"
                tables["orders"].append((order, kind, customer, sold, "USD", shop, "s1", amount, False, False))
            contacts = (
                ("email", "email", record.email),
                ("phone", "sms", record.phone),
                ("device_id", "push", record.device_id),
            )
            for kind, channel, contact in contacts:
                if contact is not None:
                    tables["consent_status"].append(
                        self._decision(customer, kind, contact, "marketing", channel, refused)
                    )
                    language = "de" if record.number % 4 == 0 else "en"
                    event = (f"{kind}{record.number}", kind, contact, language, seen)
                    tables["consent_events"].append(event)
            if record.device_id is not None:
                owned = (customer, "device_id", record.device_id, record.number % 10 == 0, seen, None)
                tables["customer_identifiers"].append(owned)
            if record.crm_id is not None:
                tables["customer_identifiers"].append(
                    (customer, "hubspot_contact_id", record.crm_id, False, None, None)
                )
            if record.email is not None and record.number % 6 == 0:
                tables["contact_deliverability"].append(("email", record.email, False))
        for purpose in PERSON_PURPOSES:
            tables["consent_status"].append(self._decision(customer, "person", customer, purpose, "any", refused))
        score = best("nps_score")
        tables["int_customer_feedback"].append(
            (customer, score, None if score is None else seen + 300 * DAY, None, None)
        )
        tables["customer_lifetime_value"].append((customer, records[0].number / 100, 0.5, 1.0, 10))
        visited = START - DAY
        behavior = (customer, records[0].number % 2, 1, 1, visited, 3, records[0].number % 3, 0, visited, 0, 0, None)
        tables["int_customer_behavior"].append(behavior)

    @staticmethod
    def _decision(
        customer: str, kind: str, contact: str, purpose: str, channel: str, refused: set[str]
    ) -> tuple[Any, ...]:
        is_refused = (channel if kind != "person" else purpose) in refused
        status = "withdrawn" if is_refused else "granted"
        return (
            customer,
            kind,
            contact,
            purpose,
            channel,
            status,
            not is_refused,
            f"{contact}-{purpose}",
            "rule_2_latest",
        )

    def write(self, connection: duckdb.DuckDBPyConnection, names: list[str], shuffled: bool = False) -> None:
        """Write the upstream tables that a project asks for, in order of customer or in any order."""
        connection.execute("create schema if not exists upstream")
        rows = copy.deepcopy(self.rows())
        for name in names:
            connection.execute(f"create or replace table upstream.{name} ({TABLES[name]})")
            if shuffled:
                random.Random(name).shuffle(rows[name])
            if rows[name]:
                arrived = pa.table(
                    {f"column{place}": values for place, values in enumerate(zip(*rows[name], strict=True))}
                )
                connection.register("arrived", arrived)
                connection.execute(f"insert into upstream.{name} select * from arrived")
                connection.unregister("arrived")
