{{ config(materialized='view', enabled=activation_is_on('profile')) }}

{%- set messaging = ['email', 'sms', 'phone'] -%}
{%- set personal = ['analytics', 'personalization', 'advertising', 'sale_or_share'] %}

with permitted as (
    {{ permitted_contacts('profile') }}
),

customers as (
    select * from {{ ref('customers') }}
),

memberships as (
    {{ destination_segments('profile') }}
),

-- Whether a channel may be used is asked of the very address that is sent along.
consents as (
    select
        {%- for channel in messaging %}
        max(case when consent.purpose_code = 'marketing' and consent.channel = '{{ channel }}' then 1 else 0 end) = 1 as is_marketing_{{ channel }}_permitted,
        {%- endfor %}
        {%- for purpose in personal %}
        max(case when consent.purpose_code = '{{ purpose }}' then 1 else 0 end) = 1 as is_{{ purpose }}_permitted,
        {%- endfor %}
        customers.customer_id
    from customers
    inner join {{ ref('consent_status') }} as consent
        on
            customers.customer_id = consent.customer_id
            and consent.is_permitted
            and consent.identifier in (customers.customer_id, customers.email, customers.phone)
    group by customers.customer_id
),

attributes as (
    select
        {%- for channel in messaging %}
        consents.is_marketing_{{ channel }}_permitted,
        {%- endfor %}
        {%- for purpose in personal %}
        consents.is_{{ purpose }}_permitted,
        {%- endfor %}
        customers.customer_id,
        case when consents.is_marketing_email_permitted then customers.email end as email,
        case when consents.is_marketing_sms_permitted or consents.is_marketing_phone_permitted then customers.phone end as phone,
        {%- for column in activation_profile_columns() %}
        customers.{{ column }},
        {%- endfor %}
        memberships.segments,
        customers.given_name,
        customers.family_name,
        customers.country
    from permitted
    inner join customers on permitted.customer_id = customers.customer_id
    inner join consents on permitted.customer_id = consents.customer_id
    left join memberships on permitted.customer_id = memberships.customer_id
),

final as (
    {{ activation_rows('profile', 'attributes', []) }}
)

select * from final
