{# Fails with each row that gives away, as it is or hashed, an address at which its customer has refused or withdrawn, read from the ledger. #}
{% test no_refused_contact(model, destination) %}
    {%- set is_google = destination == 'google' -%}
    {%- set email = google_email('refused.identifier') if is_google else meta_email('refused.identifier') -%}
    {%- set phone = google_phone('refused.identifier') if is_google else meta_phone('refused.identifier') -%}

select activation.activation_id
from {{ model }} as activation
inner join {{ ref('consent_status') }} as refused on activation.customer_id = refused.customer_id
-- The event itself, so that nothing rests on what the tables were made by.
inner join {{ ref('consent_events') }} as events on refused.deciding_event_id = events.event_id
where
    refused.purpose_code = 'marketing'
    and events.purpose_code = 'marketing'
    and events.state in ('denied', 'withdrawn', 'objected')
    and ((refused.identifier_type = 'email' and activation.email_sha256 = {{ sha256_hex(email) }})
    or (refused.identifier_type = 'phone' and activation.phone_sha256 = {{ sha256_hex(phone) }}))

{% endtest %}
