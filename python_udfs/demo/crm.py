"""HubSpot and Salesforce: contacts, leads, companies and the traces of merging them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo.accounts import Membership, card_numbers, older_versions, salesforce_ids, synced, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Mask,
    Rng,
    Text,
    chance,
    constant,
    dates,
    join,
    null_where,
    pick,
    take,
    timestamps,
    to_text,
    where,
)
from python_udfs.demo.companies import TITLES
from python_udfs.demo.company_records import account_ids, company_numbers, in_hubspot, in_salesforce
from python_udfs.demo.contact import render_phones
from python_udfs.demo.identity import Style, country_codes, country_text, write_down
from python_udfs.demo.population import Population, Window
from python_udfs.demo.writer import table_of

HUBSPOT = Style(
    native_script=0.6,
    nickname=0.1,
    typo=0.015,
    stale=0.5,
    no_name=0.05,
    no_email=0.06,
    no_phone=0.5,
    no_landline=0.7,
    no_birth=0.55,
    no_address=0.3,
    emails=(0.68, 0.14, 0.13, 0.05, 0.0),
)
CONTACT = Style(
    native_script=0.45,
    nickname=0.1,
    typo=0.012,
    stale=0.5,
    no_name=0.01,
    no_email=0.07,
    no_phone=0.4,
    no_landline=0.75,
    no_birth=0.7,
    no_address=0.35,
    emails=(0.14, 0.05, 0.74, 0.0, 0.07),
)
LEAD = Style(
    native_script=0.5,
    nickname=0.13,
    typo=0.025,
    swapped_names=0.02,
    no_name=0.03,
    no_email=0.06,
    no_phone=0.4,
    no_birth=1.0,
    no_address=0.5,
    junk=0.02,
    emails=(0.2, 0.08, 0.65, 0.0, 0.07),
)
Tables = dict[str, pa.Table]


def birth_texts(rng: Rng, days: Ints, missing: Mask) -> Text:
    """Birth dates as text: ISO, and a few as day/month/year."""
    iso = dates(days).cast(pa.string())
    parts = [pc.utf8_slice_codeunits(iso, *cut) for cut in ((8, 10), (5, 7), (0, 4))]
    return null_where(missing, where(chance(rng, 0.02, len(days)), join(*parts, separator="/"), iso))


def hubspot_tables(rng: Rng, pop: Population, members: Membership, window: Window) -> tuple[Tables, Mask]:
    """Contacts with merge audit; the mask tells which accounts were merged away (their rows are gone)."""
    hub = members.hubspot
    count = len(hub)
    written = write_down(rng, pop, hub.who, hub.created, hub.updated, HUBSPOT)
    first = hub.first_of(pop.count)[hub.who]
    merged = (hub.seat == 1) & chance(rng, 0.45, count)  # second contacts of a person, found and merged by somebody
    kept = np.flatnonzero(~merged)
    lost = np.flatnonzero(merged)
    merged_ids = np.full(count, -1, dtype=np.int64)
    merged_ids[first[lost]] = hub.number[lost]
    company = pop.company[hub.who]
    linked = (company >= 0) & in_hubspot(pop)[np.maximum(company, 0)] & chance(rng, 0.8, count)
    card_of = members.member.first_of(pop.count)[hub.who]
    card = take(card_numbers(pop, members.member), np.where(chance(rng, 0.4, count), card_of, -1))
    gender = pick(rng, [0.7, 0.3], count)
    letters = where(pop.female[hub.who], constant("F", count), constant("M", count))
    contacts = table_of(
        "hubspot.contact",
        {
            "id": hub.number,
            "property_email": written.email,
            "property_firstname": written.given,
            "property_lastname": written.family,
            "property_phone": written.landline,
            "property_mobilephone": written.phone,
            "property_address": written.street,
            "property_city": written.city,
            "property_state": written.region,
            "property_zip": written.postcode,
            "property_country": null_where(written.no_address, country_text(rng, written.country)),
            "property_date_of_birth": birth_texts(rng, written.birth_date, written.no_birth),
            "property_gender": where(
                (gender == 1) & written.gender.is_valid().to_numpy(False), letters, written.gender
            ),
            "property_company": null_where(chance(rng, 0.15, count), take(pop.companies.name, company)),
            "property_associatedcompanyid": pa.array(company_numbers(pop)[np.maximum(company, 0)], mask=~linked),
            "property_jobtitle": null_where((company < 0) | chance(rng, 0.2, count), text_of(list(TITLES), rng, count)),
            "property_lifecyclestage": text_of(
                ["subscriber", "lead", "marketingqualifiedlead", "opportunity", "customer"],
                rng,
                count,
                [25, 25, 10, 10, 30],
            ),
            "property_loyalty_card_number": card,
            "property_createdate": timestamps(hub.created),
            "property_lastmodifieddate": timestamps(hub.updated),
            "property_hs_email_optout": chance(rng, np.clip(0.3 - 0.3 * pop.opt_in[hub.who], 0.01, 1), count),
            "property_hs_calculated_merged_vids": null_where(
                merged_ids < 0, join(to_text(merged_ids), to_text(hub.updated * 1000), separator=":")
            ),
            "_fivetran_deleted": chance(rng, 0.01, count),
            "_fivetran_synced": timestamps(synced(rng, hub.updated)),
        },
    )
    contacts = older_versions(
        rng,
        contacts.take(pa.array(kept)),
        0.015,
        "property_createdate",
        "property_lastmodifieddate",
        "_fivetran_synced",
        ("property_mobilephone",),
    )
    at = np.minimum(np.maximum(hub.created[lost], hub.created[first[lost]]) + 5 * DAY, window.end - 60)
    audit = table_of(
        "hubspot.contact_merge_audit",
        {
            "canonical_vid": hub.number[first[lost]],
            "contact_id": hub.number[first[lost]],
            "vid_to_merge": hub.number[lost],
            "timestamp": timestamps(at),
            "_fivetran_synced": timestamps(at + 4_000),
        },
    )
    return {"hubspot.contact": contacts, "hubspot.contact_merge_audit": audit}, merged


def salesforce_tables(rng: Rng, pop: Population, members: Membership, window: Window) -> Tables:
    """Contacts and leads; a converted lead names its contact, a merged contact its master."""
    contact, lead = members.sf_contact, members.sf_lead
    ids = contact_ids(members)
    count = len(contact)
    w = write_down(rng, pop, contact.who, contact.created, contact.updated, CONTACT)
    company = pop.company[contact.who]
    account = null_where(
        ~in_salesforce(pop)[np.maximum(company, 0)] | chance(rng, 0.05, count), take(account_ids(pop), company)
    )
    master = np.where((contact.seat == 1) & chance(rng, 0.4, count), contact.first_of(pop.count)[contact.who], -1)
    contacts = table_of(
        "salesforce.contact",
        {
            "id": ids,
            "account_id": account,
            "email": w.email,
            "salutation": null_where(
                chance(rng, 0.5, count), where(pop.female[contact.who], constant("Ms.", count), constant("Mr.", count))
            ),
            "first_name": w.given,
            "last_name": w.family,
            "name": w.full,
            "phone": null_where(
                chance(rng, 0.4, count),
                render_phones(
                    pop.companies.phone[np.maximum(company, 0)],
                    pop.companies.country[np.maximum(company, 0)],
                    pick(rng, [3, 3, 2, 2, 1, 1, 1], count),
                    landline=True,
                ),
            ),
            "mobile_phone": w.phone,
            "home_phone": w.landline,
            "mailing_street": w.street,
            "mailing_city": w.city,
            "mailing_state": w.region,
            "mailing_postal_code": w.postcode,
            "mailing_country": null_where(w.no_address, country_text(rng, w.country, 0.1, 0.15, 0.1)),
            "mailing_country_code": null_where(w.no_address, country_codes(w.country)),
            "birthdate": dates(w.birth_date, w.no_birth),
            "title": text_of(list(TITLES), rng, count),
            "lead_source": text_of(["Web", "Trade Show", "Referral", "Phone Inquiry"], rng, count),
            "has_opted_out_of_email": chance(rng, np.clip(0.25 - 0.25 * pop.opt_in[contact.who], 0.01, 1), count),
            "is_email_bounced": chance(rng, 0.015, count),
            "is_deleted": (master >= 0) | chance(rng, 0.01, count),
            "master_record_id": take(ids, master),
            "created_date": timestamps(contact.created),
            "last_modified_date": timestamps(contact.updated),
            "_fivetran_synced": timestamps(synced(rng, contact.updated)),
        },
    )
    contacts = older_versions(
        rng, contacts, 0.01, "created_date", "last_modified_date", "_fivetran_synced", ("mobile_phone",)
    )

    count = len(lead)
    w = write_down(rng, pop, lead.who, lead.created, lead.updated, LEAD)
    became = members.lead_converted
    done = became >= 0
    company = pop.company[lead.who]
    firm = np.where(company >= 0, company, -1)
    at = np.where(done, np.minimum(lead.created + rng.integers(DAY, 60 * DAY, count), window.end - 60), -1)
    leads = table_of(
        "salesforce.lead",
        {
            "id": lead_ids(members),
            "email": w.email,
            "first_name": w.given,
            "last_name": w.family,
            "name": w.full,
            "company": pc.coalesce(
                take(pop.companies.name, firm), text_of(["-", "n/a", "private", "Self-employed"], rng, count)
            ),
            "title": text_of(list(TITLES), rng, count),
            "phone": w.landline,
            "mobile_phone": w.phone,
            "street": w.street,
            "city": w.city,
            "state": w.region,
            "postal_code": w.postcode,
            "country": null_where(w.no_address, country_text(rng, w.country)),
            "country_code": null_where(w.no_address | chance(rng, 0.3, count), country_codes(w.country)),
            "industry": null_where(chance(rng, 0.3, count), take(pop.companies.industry, firm)),
            "lead_source": text_of(["Web", "Trade Show", "Purchased List", "Webinar"], rng, count),
            "status": where(
                done,
                constant("Closed - Converted", count),
                text_of(["Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"], rng, count),
            ),
            "is_converted": done,
            "converted_contact_id": take(ids, became),
            "converted_account_id": take(account, became),
            "converted_date": timestamps(at),
            "has_opted_out_of_email": chance(rng, 0.08, count),
            "is_deleted": chance(rng, 0.015, count),
            "created_date": timestamps(lead.created),
            "last_modified_date": timestamps(np.maximum(lead.updated, at)),
            "_fivetran_synced": timestamps(synced(rng, np.maximum(lead.updated, at))),
        },
    )
    return {"salesforce.contact": contacts, "salesforce.lead": leads}


def contact_ids(members: Membership) -> Text:
    """Salesforce's ids of the contacts."""
    number = members.sf_contact.number
    return salesforce_ids("003", number % 10**14)


def lead_ids(members: Membership) -> Text:
    """Salesforce's ids of the leads."""
    number = members.sf_lead.number
    return salesforce_ids("00Q", number % 10**14)
