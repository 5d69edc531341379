{{ config(materialized='view', enabled=activation_is_on('push')) }}

with permitted as (
    {{ permitted_contacts('push') }}
),

customers as (
    select customer_id, country
    from {{ ref('customers') }}
),

memberships as (
    {{ destination_segments('push') }}
),

-- A device that was handed on, or that people share, would show the message to somebody else.
devices as (
    select
        customer_id,
        identifier_value as device_id
    from {{ ref('customer_identifiers') }}
    where identifier_type = 'device_id' and not is_shared and valid_from is not null and valid_to is null
),

languages as (
    {{ notice_languages('device_id') }}
),

attributes as (
    select
        permitted.customer_id,
        permitted.identifier as device_id,
        customers.country,
        languages.language,
        memberships.segments
    from permitted
    inner join customers on permitted.customer_id = customers.customer_id
    inner join memberships on permitted.customer_id = memberships.customer_id
    inner join devices on permitted.customer_id = devices.customer_id and permitted.identifier = devices.device_id
    left join languages on permitted.identifier = languages.identifier
),

final as (
    {{ activation_rows('push', 'attributes', ['device_id']) }}
)

select * from final
