{{ config(materialized='view', enabled=activation_is_on('sms')) }}

with permitted as (
    {{ permitted_contacts('sms') }}
),

customers as (
    select customer_id, country
    from {{ ref('customers') }}
),

memberships as (
    {{ destination_segments('sms') }}
),

-- The language a person last read a notice in.
languages as (
    {{ notice_languages('phone') }}
),

attributes as (
    select
        permitted.customer_id,
        permitted.identifier as phone,
        customers.country,
        languages.language,
        memberships.segments
    from permitted
    inner join customers on permitted.customer_id = customers.customer_id
    inner join memberships on permitted.customer_id = memberships.customer_id
    left join languages on permitted.identifier = languages.identifier
),

final as (
    {{ activation_rows('sms', 'attributes', ['phone']) }}
)

select * from final
