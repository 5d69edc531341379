"""What the demo data promises: truth for every record, totals to the penny, ids that resolve, sane noise."""

from __future__ import annotations

import phonenumbers
import pytest

from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.noise import JUNK_EMAILS

PERSON_RECORDS = {
    "shopify:customer": "select id::varchar from {shopify.customer} union select customer_id::varchar "
    "from {shopify.order} "
    "where customer_id is not null",
    "shopify:order": "select id::varchar from {shopify.order} where customer_id is null "
    "and (email is not null or phone is not null)",
    "hubspot:contact": "select id::varchar from {hubspot.contact}",
    "salesforce:contact": "select id from {salesforce.contact}",
    "salesforce:lead": "select id from {salesforce.lead}",
    "zendesk:user": "select id::varchar from {zendesk.user} where role = 'end-user'",
    "klaviyo:person": "select id from {klaviyo.person}",
    "segment:user": "select coalesce(user_id, anonymous_id) from {segment.identifies}",
    "pos:member": "select member_id from {pos.member}",
    "survey:response": "select response_id from {survey.response} "
    "where coalesce(respondent_email, respondent_name, respondent_phone, customer_ref) is not null",
}


@pytest.mark.parametrize("entity", PERSON_RECORDS)
def test_truth_covers_every_person_record_exactly_once(world, entity):
    records = f"(select distinct '{entity}:' || i as record_id from ({PERSON_RECORDS[entity]}) as s (i))"
    truth = f"(select record_id from {{truth.person_record}} where record_id like '{entity}:%')"
    assert world.value(f"select count(*) from {records}") > 20
    assert (
        world.rows(
            f"(select * from {records} except all select * from {truth}) union all (select * from {truth} "
            f"except all select * from {records})"
        )
        == []
    )


def test_truth_names_only_known_people(world):
    assert (
        world.value(
            "select count(*) from {truth.person_record} where person_id not in (select person_id from {truth.person})"
        )
        == 0
    )
    assert (
        world.value("select count(*) from {truth.device} where person_id not in (select person_id from {truth.person})")
        == 0
    )
    kinds = world.rows(
        "select distinct array_to_string(string_split(record_id, ':')[1:2], ':') from {truth.person_record}"
    )
    assert {kind for (kind,) in kinds} == set(PERSON_RECORDS)


def test_people_have_two_and_a_half_to_three_and_a_half_records(world):
    mean = world.value("select (select count(*) from {truth.person_record}) / (select count(*) from {truth.person})")
    assert 2.5 <= mean <= 3.5
    without = world.value(
        "select count(*) from {truth.person} where person_id not in (select person_id from {truth.person_record})"
    )
    assert 0.05 < without / 3000 < 0.2


@pytest.mark.parametrize(
    ("document", "lines", "key", "line_amount", "total"),
    [
        ("shopify.order", "shopify.order_line", ("id", "order_id"), "price * quantity - total_discount", "total_price"),
        ("pos.receipt", "pos.receipt_line", ("receipt_id", "receipt_id"), "line_amount", "total_amount"),
    ],
)
def test_totals_are_the_sum_of_the_lines_to_the_penny(world, document, lines, key, line_amount, total):
    wrong = world.rows(
        f"""select d.{key[0]} from {{{document}}} as d
        left join (select {key[1]} as k, sum({line_amount}) as amount from {{{lines}}} group by 1) as l
        on l.k = d.{key[0]}
        where l.amount is distinct from d.{total}"""
    )
    assert wrong == []


def test_receipt_lines_are_quantity_times_price_less_discount(world):
    assert (
        world.value(
            "select count(*) from {pos.receipt_line} where line_amount <> quantity * unit_price - discount_amount"
        )
        == 0
    )


def test_returns_are_negative_and_name_the_purchase(world):
    assert (
        world.value("select count(*) from {pos.receipt} where (total_amount < 0) <> (returned_receipt_id is not null)")
        == 0
    )
    assert world.value("select count(*) from {pos.receipt} where total_amount < 0") > 20
    worse = """select count(*) from {pos.receipt} as r join {pos.receipt} as p on p.receipt_id = r.returned_receipt_id
        where -r.total_amount > p.total_amount or r.sold_at < p.sold_at or r.currency <> p.currency"""
    assert world.value(worse) == 0


def test_refunds_do_not_exceed_the_order(world):
    more = """select count(*) from (select r.order_id, sum(l.subtotal) as back from {shopify.refund} as r
        join {shopify.order_line_refund} as l on l.refund_id = r.id group by 1) as x
        join {shopify.order} as o on o.id = x.order_id where x.back > o.total_price"""
    assert world.value(more) == 0


REFERENCES = [
    ("shopify.order_line", "order_id", "shopify.order", "id"),
    ("shopify.order_line", "product_id", "shopify.product", "id"),
    ("shopify.order_line", "variant_id", "shopify.product_variant", "id"),
    ("shopify.product_variant", "product_id", "shopify.product", "id"),
    ("shopify.product_variant", "inventory_item_id", "shopify.inventory_item", "id"),
    ("shopify.product_option", "product_id", "shopify.product", "id"),
    ("shopify.refund", "order_id", "shopify.order", "id"),
    ("shopify.order_line_refund", "refund_id", "shopify.refund", "id"),
    ("shopify.order_line_refund", "order_line_id", "shopify.order_line", "id"),
    ("shopify.order_adjustment", "refund_id", "shopify.refund", "id"),
    ("shopify.customer", "default_address_id", "shopify.customer_address", "id"),
    ("shopify.customer_address", "customer_id", "shopify.customer", "id"),
    ("hubspot.contact", "property_associatedcompanyid", "hubspot.company", "id"),
    ("hubspot.contact_merge_audit", "canonical_vid", "hubspot.contact", "id"),
    ("hubspot.contact", "property_loyalty_card_number", "pos.member", "card_number"),
    ("salesforce.contact", "account_id", "salesforce.account", "id"),
    ("salesforce.contact", "master_record_id", "salesforce.contact", "id"),
    ("salesforce.lead", "converted_contact_id", "salesforce.contact", "id"),
    ("salesforce.lead", "converted_account_id", "salesforce.account", "id"),
    ("zendesk.user", "organization_id", "zendesk.organization", "id"),
    ("zendesk.ticket", "requester_id", "zendesk.user", "id"),
    ("zendesk.ticket", "assignee_id", "zendesk.user", "id"),
    ("zendesk.satisfaction_rating", "ticket_id", "zendesk.ticket", "id"),
    ("klaviyo.event", "person_id", "klaviyo.person", "id"),
    ("klaviyo.event", "campaign_id", "klaviyo.campaign", "id"),
    ("klaviyo.event", "metric_id", "klaviyo.metric", "id"),
    ("pos.receipt_line", "receipt_id", "pos.receipt", "receipt_id"),
    ("pos.receipt", "store_id", "pos.store", "store_id"),
    ("pos.receipt", "returned_receipt_id", "pos.receipt", "receipt_id"),
    ("pos.member", "store_id", "pos.store", "store_id"),
    ("segment.tracks", "anonymous_id", "truth.device", "anonymous_id"),
    ("segment.pages", "anonymous_id", "truth.device", "anonymous_id"),
    ("consent.banner_event", "anonymous_id", "truth.device", "anonymous_id"),
]


@pytest.mark.parametrize(("table", "column", "other", "key"), REFERENCES)
def test_references_resolve(world, table, column, other, key):
    orphans = world.value(
        f"select count(*) from {{{table}}} where {column} is not null and {column} not in (select {key} "
        f"from {{{other}}} where {key} is not null)"
    )
    assert orphans == 0


def test_merged_contacts_are_gone_and_named(world):
    audit = world.rows("select vid_to_merge, canonical_vid from {hubspot.contact_merge_audit}")
    assert audit
    assert (
        world.value(
            "select count(*) from {hubspot.contact} where id in (select vid_to_merge "
            "from {hubspot.contact_merge_audit})"
        )
        == 0
    )
    named = (
        "select count(*) from {hubspot.contact_merge_audit} as a join {hubspot.contact} as c "
        "on c.id = a.canonical_vid and c.property_hs_calculated_merged_vids like a.vid_to_merge || ':%'"
    )
    assert world.value(named) >= len(audit)


def test_cross_system_ids_point_at_the_same_person(world):
    owner = (
        "select split_part(record_id, ':', 3) as id, person_id from {truth.person_record} where record_id like '%s:%%'"
    )
    for entity, table, key in (("zendesk:user", "zendesk.user", "id"), ("klaviyo:person", "klaviyo.person", "id")):
        found = world.rows(
            f"""select count(*), count(*) filter (where a.person_id = b.person_id) from {{{table}}} as t
            join ({owner % entity}) as a on a.id = t.{key}::varchar join ({owner % "shopify:customer"}) as b
        on b.id = t.external_id"""
        )[0]
        assert found[0] > 50 and found[0] == found[1], entity


def test_phones_are_valid_in_their_country(world):
    rows = world.rows("select phone, country from {truth.person} order by person_id limit 1500")
    wrong = [row for row in rows if not phonenumbers.is_valid_number_for_region(phonenumbers.parse(row[0]), row[1])]
    assert wrong == []
    assert {country for _, country in rows} == {country.code for country in COUNTRIES}


def test_landlines_and_every_way_of_writing_are_valid(world):
    members = world.rows(
        "select mobile, landline, country from {pos.member} where country is not null order by member_id, updated_at"
    )
    numbers = [(number, country) for mobile, landline, country in members for number in (mobile, landline) if number]
    styles = {(number[:1] == "+", " " in number, "(" in number, number[:2] == "00") for number, _ in numbers}
    assert len(styles) >= 5

    def valid(number: str, country: str) -> bool:
        try:
            return phonenumbers.is_valid_number(phonenumbers.parse(number, country))
        except phonenumbers.NumberParseException:
            return False

    share = sum(valid(*number) for number in numbers) / len(numbers)
    assert 0.97 < share < 1  # the rest: placeholders and typing errors


SHARES = [
    (
        "upper case at the till",
        "{pos.member}",
        "first_name = upper(first_name) and first_name <> lower(first_name)",
        0.06,
        0.16,
    ),
    ("white space", "{pos.member}", "first_name <> trim(first_name)", 0.005, 0.04),
    (
        "birth dates that are placeholders",
        "{pos.member}",
        "birth_date in (date '1900-01-01', date '1970-01-01')",
        0.002,
        0.03,
    ),
    ("missing birth dates", "{pos.member}", "birth_date is null", 0.08, 0.18),
    ("missing e-mail at the till", "{pos.member}", "email is null", 0.18, 0.32),
    ("orders without a customer", "{shopify.order}", "customer_id is null", 0.1, 0.4),
    (
        "orders without any identity",
        "{shopify.order}",
        "customer_id is null and email is null and phone is null",
        0.002,
        0.06,
    ),
    (
        "Cyrillic or Greek names in the shop",
        "{shopify.customer}",
        "regexp_matches(last_name, '[\\p{Greek}\\p{Cyrillic}]')",
        0.03,
        0.12,
    ),
    (
        "e-mail placeholders",
        "{survey.response}",
        "respondent_email in ('test@test.com', 'n/a', 'none@none.com', 'na@na.com')",
        0.003,
        0.03,
    ),
    (
        "phone placeholders",
        "{shopify.customer}",
        "phone in ('0000000000', 'n/a', 'unknown', '-', '0', '1234567890', '9999999999')",
        0.0005,
        0.015,
    ),
    ("late web events", "{segment.tracks}", "received_at > timestamp + interval 20 minute", 0.01, 0.03),
    ("late consent", "{consent.preference_event}", "received_at > event_at + interval 20 minute", 0.01, 0.05),
    ("deleted members", "{pos.member}", "is_deleted", 0.001, 0.02),
    ("global privacy control", "{consent.banner_event}", "gpc", 0.03, 0.12),
    ("log-ins among tracks", "{segment.tracks}", "user_id is not null", 0.1, 0.6),
]


@pytest.mark.parametrize(("what", "table", "condition", "low", "high"), SHARES, ids=[row[0] for row in SHARES])
def test_noise_has_sane_shares(world, what, table, condition, low, high):
    share = world.value(f"select count(*) filter (where {condition}) / count(*) from {table}")
    assert low <= share <= high


def test_some_ids_have_an_older_version(world):
    for table, key, updated in (
        ("shopify.customer", "id", "updated_at"),
        ("pos.member", "member_id", "updated_at"),
        ("hubspot.contact", "id", "property_lastmodifieddate"),
    ):
        twice, same = world.rows(
            f"select count(*), count(*) filter (where low = high) "
            f"from (select min({updated}) as low, max({updated}) as high from {{{table}}} group by {key} "
            f"having count(*) > 1)"
        )[0]
        assert twice > 5 and same < twice, table


def test_rows_do_not_come_in_order_of_time(world):
    backwards = (
        "select count(*) from (select timestamp < lag(timestamp) over (order by file_row_number) as back "
        "from read_parquet('%s', file_row_number = true)) where back"
    )
    assert world.value(backwards % (world.folder / "segment/tracks.parquet")) > 50


def test_twins_share_birth_date_home_and_family_but_not_the_name(world):
    twins = world.rows(
        "select list(given_name), count(distinct phone) from {truth.person} "
        "group by household_id, birth_date, left(family_name, 3) having count(*) > 1"
    )
    assert len(twins) >= 5
    assert all(len(set(names)) == len(names) and phones == len(names) for names, phones in twins)


def test_shared_devices_have_more_than_one_person(world):
    shared = world.rows("select anonymous_id from {truth.device} group by 1 having count(distinct person_id) > 1")
    assert len(shared) >= 20
    homes = (
        "select count(*) from (select d.anonymous_id from {truth.device} as d "
        "join {truth.person} as p using (person_id) group by 1 having count(distinct household_id) > 1)"
    )
    assert world.value(homes) == 0


def test_addresses_of_people_are_their_own(world):
    assert world.value("select count(*) - count(distinct email) from {truth.person}") == 0


def test_mailboxes_of_families_and_offices_are_shared(world):
    written = """select lower(trim(email)) as email, 'pos:member:' || member_id as record_id from {pos.member}
        union all select lower(trim(email)), 'shopify:customer:' || id from {shopify.customer}
        union all select lower(trim(email)), 'salesforce:contact:' || id from {salesforce.contact}
        union all select lower(trim(email)), 'salesforce:lead:' || id from {salesforce.lead}
        union all select lower(trim(property_email)), 'hubspot:contact:' || id from {hubspot.contact}"""
    shared = world.rows(
        f"""select split_part(email, '@', 1), count(distinct person_id) from ({written})
        join {{truth.person_record}} using (record_id)
        where email like '%@%' and email not in {JUNK_EMAILS}
        group by email having count(distinct person_id) > 1"""
    )
    boxes = [box for box, _ in shared]
    assert any(box.startswith("family.") for box in boxes)
    assert any(box in ("info", "office", "contact", "sales", "admin") for box in boxes)
    assert len(boxes) < 100


def test_nothing_happens_after_the_reference_date(world):
    for table, column in (
        ("shopify.order", "created_at"),
        ("pos.receipt", "sold_at"),
        ("segment.tracks", "received_at"),
        ("segment.pages", "received_at"),
        ("consent.preference_event", "received_at"),
        ("hubspot.contact", "property_lastmodifieddate"),
    ):
        assert world.value(
            f"select max({column}) < timestamp '2026-07-01' and max({column}) > timestamp '2026-06-20' from {{{table}}}"
        ), table
    assert world.value(
        "select max(datetime) < timestamp '2026-07-01' and max(sent_at) < max(datetime) "
        "from {klaviyo.event}, {klaviyo.campaign}"
    )
