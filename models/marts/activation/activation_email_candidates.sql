{{ config(materialized='view', enabled=activation_is_on('email')) }}

with permitted as (
    {{ permitted_contacts('email') }}
),

customers as (
    select customer_id, country
    from {{ ref('customers') }}
),

memberships as (
    {{ destination_segments('email') }}
),

-- The language a person last read a notice in.
languages as (
    {{ notice_languages('email') }}
),

deliverability as (
    select identifier as email, is_deliverable
    from {{ ref('contact_deliverability') }}
    where identifier_type = 'email'
),

attributes as (
    select
        permitted.customer_id,
        permitted.identifier as email,
        {{ sha256_hex(plain_email('permitted.identifier')) }} as email_sha256,
        customers.country,
        languages.language,
        memberships.segments,
        coalesce(deliverability.is_deliverable, true) as is_deliverable
    from permitted
    inner join customers on permitted.customer_id = customers.customer_id
    inner join memberships on permitted.customer_id = memberships.customer_id
    left join languages on permitted.identifier = languages.identifier
    left join deliverability on permitted.identifier = deliverability.email
),

final as (
    {{ activation_rows('email', 'attributes', ['email']) }}
)

select * from final
