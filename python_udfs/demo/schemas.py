"""Columns and types of every raw table that the generator writes.

One letter a type: i bigint, s text, t timestamp (UTC), d date, m decimal(18,2), b boolean, f double.
"""

from __future__ import annotations

import pyarrow as pa

_TYPES = {
    "i": pa.int64(),
    "s": pa.string(),
    "t": pa.timestamp("us"),
    "d": pa.date32(),
    "m": pa.decimal128(18, 2),
    "b": pa.bool_(),
    "f": pa.float64(),
}

_TABLES: dict[str, str] = {
    "shopify.customer": (
        "id:i first_name last_name email phone state orders_count:i total_spent:m currency created_at:t "
        "updated_at:t accepts_marketing:b accepts_marketing_updated_at:t marketing_opt_in_level "
        "verified_email:b default_address_id:i note _fivetran_deleted:b _fivetran_synced:t"
    ),
    "shopify.customer_address": (
        "id:i customer_id:i is_default:b first_name last_name company address_1 address_2 city province "
        "province_code zip country country_code phone _fivetran_synced:t"
    ),
    "shopify.order": (
        "id:i customer_id:i email phone currency subtotal_price:m total_price:m total_tax:m taxes_included:b "
        "total_discounts:m "
        "created_at:t updated_at:t processed_at:t cancelled_at:t financial_status fulfillment_status "
        "source_name location_id:i test:b buyer_accepts_marketing:b name landing_site_base_url referring_site "
        "shipping_address_first_name shipping_address_last_name shipping_address_address_1 "
        "shipping_address_city shipping_address_zip shipping_address_province shipping_address_country_code "
        "shipping_address_phone _fivetran_deleted:b _fivetran_synced:t"
    ),
    "shopify.order_line": (
        "id:i order_id:i product_id:i variant_id:i name title variant_title vendor sku price:m quantity:i total_discount:m "
        "_fivetran_synced:t"
    ),
    "shopify.refund": ("id:i order_id:i created_at:t processed_at:t note _fivetran_synced:t"),
    "shopify.order_line_refund": (
        "id:i refund_id:i order_line_id:i quantity:i subtotal:m total_tax:m restock_type _fivetran_synced:t"
    ),
    "shopify.order_adjustment": ("id:i order_id:i refund_id:i amount:m tax_amount:m kind reason _fivetran_synced:t"),
    "shopify.product": (
        "id:i title handle product_type vendor created_at:t updated_at:t _fivetran_deleted:b _fivetran_synced:t"
    ),
    "shopify.product_variant": (
        "id:i product_id:i inventory_item_id:i sku title option_1 option_2 option_3 updated_at:t _fivetran_synced:t"
    ),
    "shopify.product_option": "id:i product_id:i name position:i _fivetran_synced:t",
    "shopify.inventory_item": (
        "id:i sku cost:m unit_cost_amount:m unit_cost_currency_code updated_at:t _fivetran_synced:t"
    ),
    "shopify.abandoned_checkout": (
        "id:i customer_id:i email phone currency total_price:m created_at:t updated_at:t completed_at:t "
        "closed_at:t buyer_accepts_marketing:b _fivetran_deleted:b _fivetran_synced:t"
    ),
    "hubspot.contact": (
        "id:i property_email property_firstname property_lastname property_phone property_mobilephone "
        "property_address property_city property_state property_zip property_country property_date_of_birth "
        "property_gender property_company property_associatedcompanyid:i property_jobtitle "
        "property_lifecyclestage property_loyalty_card_number property_createdate:t "
        "property_lastmodifieddate:t property_hs_email_optout:b property_hs_calculated_merged_vids "
        "_fivetran_deleted:b _fivetran_synced:t"
    ),
    "hubspot.company": (
        "id:i property_name property_domain property_industry property_numberofemployees:i "
        "property_annualrevenue:f property_address property_city property_state property_zip property_country "
        "property_phone property_createdate:t is_deleted:b _fivetran_synced:t"
    ),
    "hubspot.contact_merge_audit": ("canonical_vid:i contact_id:i vid_to_merge:i timestamp:t _fivetran_synced:t"),
    "salesforce.contact": (
        "id account_id email salutation first_name last_name name phone mobile_phone home_phone "
        "mailing_street mailing_city mailing_state mailing_postal_code mailing_country mailing_country_code "
        "birthdate:d title lead_source has_opted_out_of_email:b is_email_bounced:b is_deleted:b "
        "master_record_id created_date:t last_modified_date:t _fivetran_synced:t"
    ),
    "salesforce.lead": (
        "id email first_name last_name name company title phone mobile_phone street city state postal_code "
        "country country_code industry lead_source status is_converted:b converted_contact_id "
        "converted_account_id converted_date:t has_opted_out_of_email:b is_deleted:b master_record_id created_date:t "
        "last_modified_date:t _fivetran_synced:t"
    ),
    "salesforce.account": (
        "id name website phone industry annual_revenue:f number_of_employees:i billing_street billing_city "
        "billing_state billing_postal_code billing_country billing_country_code parent_id type is_deleted:b "
        "last_activity_date:t _fivetran_synced:t"
    ),
    "salesforce.opportunity": (
        "id account_id name stage_name amount:f probability:f is_won:b is_closed:b type lead_source created_date:t close_date:d "
        "is_deleted:b _fivetran_synced:t"
    ),
    "salesforce.opportunity_history": (
        "id _fivetran_start:t _fivetran_end:t _fivetran_active:b stage_name amount:f is_deleted:b _fivetran_synced:t"
    ),
    "salesforce.task": (
        "id who_id what_id account_id subject task_subtype status activity_date:t created_date:t is_closed:b is_deleted:b "
        "_fivetran_synced:t"
    ),
    "zendesk.user": (
        "id:i name email phone role external_id organization_id:i locale time_zone active:b suspended:b "
        "verified:b notes created_at:t updated_at:t last_login_at:t _fivetran_synced:t"
    ),
    "zendesk.ticket": (
        "id:i requester_id:i submitter_id:i assignee_id:i organization_id:i subject description status "
        "priority type via_channel created_at:t updated_at:t _fivetran_synced:t"
    ),
    "zendesk.satisfaction_rating": (
        "id:i ticket_id:i requester_id:i score comment created_at:t updated_at:t _fivetran_synced:t"
    ),
    "zendesk.organization": ("id:i name external_id created_at:t updated_at:t _fivetran_synced:t"),
    "klaviyo.person": (
        "id external_id email phone_number first_name last_name title organization address_1 address_2 city "
        "region zip country timezone created:t updated:t custom_consent custom_consent_timestamp:t "
        "custom_accepts_marketing:b custom_sms_consent:b _fivetran_deleted:b _fivetran_synced:t"
    ),
    "klaviyo.event": (
        "id person_id campaign_id flow_id metric_id type datetime:t timestamp:t uuid property_value "
        "_fivetran_deleted:b _fivetran_synced:t"
    ),
    "klaviyo.campaign": (
        "id name subject from_email sent_at:t created:t updated:t _fivetran_deleted:b _fivetran_synced:t"
    ),
    "klaviyo.metric": ("id name created:t updated:t _fivetran_deleted:b _fivetran_synced:t"),
    "segment.identifies": (
        "id anonymous_id user_id email phone first_name last_name birthday gender address_street address_city "
        "address_postal_code address_country context_device_id context_device_type context_ip "
        "context_library_name original_timestamp:t sent_at:t timestamp:t received_at:t"
    ),
    "segment.tracks": (
        "id anonymous_id user_id event event_text context_page_path context_page_url context_device_id "
        "context_device_type context_campaign_source context_campaign_medium context_campaign_name "
        "context_library_name original_timestamp:t sent_at:t timestamp:t received_at:t"
    ),
    "segment.pages": (
        "id anonymous_id user_id name path url title referrer context_device_type context_campaign_source "
        "context_campaign_medium context_campaign_name context_library_name original_timestamp:t sent_at:t "
        "timestamp:t received_at:t"
    ),
    "pos.member": (
        "member_id card_number title first_name last_name birth_date:d gender email mobile landline street "
        "city postal_code country store_id enrolled_at:t updated_at:t email_opt_in:b sms_opt_in:b "
        "is_deleted:b loaded_at:t"
    ),
    "pos.store": ("store_id name street city postal_code country latitude:f longitude:f opened_on:d loaded_at:t"),
    "pos.receipt": (
        "receipt_id store_id card_number sold_at:t currency total_amount:m discount_amount:m tax_amount:m "
        "payment_method returned_receipt_id loaded_at:t"
    ),
    "pos.receipt_line": (
        "receipt_id line_number:i sku description category quantity:i unit_price:m discount_amount:m "
        "line_amount:m loaded_at:t"
    ),
    "survey.response": (
        "response_id survey_id survey_type respondent_email respondent_name respondent_phone customer_ref "
        "score:i comment interests occupation preferred_size preferred_colour preference_category answered_at:t "
        "submitted_at:t language country loaded_at:t"
    ),
    "reviews.review": (
        "review_id product_id sku email user_id author_name rating:i rating_max:i title text is_verified:b status "
        "created_at:t updated_at:t loaded_at:t"
    ),
    "reviews.social_comment": "comment_id network handle email user_id text sentiment created_at:t loaded_at:t",
    "consent.banner_event": (
        "event_id anonymous_id device_id user_id event_at:t received_at:t action tc_string gpp_string gpc:b "
        "ad_storage analytics_storage ad_user_data ad_personalization country region notice_version language "
        "page_url"
    ),
    "consent.preference_event": (
        "event_id identifier_type identifier purpose channel state lawful_basis event_at:t received_at:t "
        "country notice_id notice_version language collection_point method actor evidence_ref valid_until:t"
    ),
    "thirdparty.device_segment": (
        "device_id device_id_type provider segment_code segment_name confidence:f observed_at:t expires_on:d "
        "country loaded_at:t"
    ),
    "truth.person_record": ("record_id person_id"),
    "truth.person": ("person_id household_id birth_date:d given_name family_name country email phone"),
    "enrichment.company": (
        "company_id company_name website industry employee_count:i annual_revenue:f founded_year:i phone street_address "
        "city region postal_code country parent_company_id observed_at:t loaded_at:t"
    ),
    "truth.account_record": ("account_record_id company_id"),
    "truth.device": ("device_id anonymous_id person_id valid_from:t valid_to:t"),
}


def _schema(columns: str) -> pa.Schema:
    pairs = (column.partition(":") for column in columns.split())
    return pa.schema([(name, _TYPES[kind or "s"]) for name, _, kind in pairs])


SCHEMAS: dict[str, pa.Schema] = {name: _schema(columns) for name, columns in _TABLES.items()}
