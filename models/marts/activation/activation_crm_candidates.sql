{{ config(materialized='view', enabled=activation_is_on('crm')) }}

with permitted as (
    {{ permitted_contacts('crm') }}
),

customers as (
    select * from {{ ref('customers') }}
),

-- A contact that several customers claim is enriched with none of them.
contacts as (
    select
        customer_id,
        replace(identifier_type, '_contact_id', '') as crm_system,
        identifier_value as crm_contact_id
    from {{ ref('customer_identifiers') }}
    where identifier_type in ('hubspot_contact_id', 'salesforce_contact_id') and not is_shared
),

memberships as (
    {{ destination_segments('crm') }}
),

attributes as (
    select
        customers.customer_id,
        contacts.crm_system,
        contacts.crm_contact_id,
        {%- for column in activation_profile_columns() %}
        customers.{{ column }},
        {%- endfor %}
        memberships.segments
    from permitted
    inner join customers on permitted.customer_id = customers.customer_id
    inner join contacts on permitted.customer_id = contacts.customer_id
    left join memberships on permitted.customer_id = memberships.customer_id
),

final as (
    {{ activation_rows('crm', 'attributes', ['crm_system', 'crm_contact_id']) }}
)

select * from final
