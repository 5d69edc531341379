{{ config(schema='intermediate', cluster_by='customer_id') }}
{#
    What customers can have in common. An address counts with its house number and its place, as match keys, so that spellings of one
    address are one; a browser and a device are the same to a household and keep their own names.
#}
with sightings as (
    select * from {{ ref('int_customer_identifier_sightings') }}
),

records as (
    select customer_id, record_id, first_seen_at, last_seen_at from {{ ref('int_customer_records') }}
),

junk as (
    select identifier_type, identifier_value from {{ ref('identity_junk_identifiers') }}
),

addresses as (
    select
        record_id,
        'address' as identifier_type,
        street_key || ', ' || coalesce(postal_key, city_key) as identifier_value
    from {{ ref('identity_features') }}
    where house_number is not null
),

observed as (
    select customer_id, identifier_type, identifier_value, is_strong, first_seen_at, last_seen_at from sightings
    union all
    select
        records.customer_id,
        addresses.identifier_type,
        addresses.identifier_value,
        false as is_strong,
        records.first_seen_at,
        records.last_seen_at
    from addresses
    inner join records on addresses.record_id = records.record_id
    where addresses.identifier_value is not null
),

grouped as (
    select
        customer_id,
        identifier_type,
        identifier_value,
        case
            when identifier_type in ('email', 'phone', 'address') then identifier_type
            when identifier_type in ('anonymous_id', 'device_id') then 'device'
            else 'system id'
        end as kind,
        bool_or(is_strong) as is_strong,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from observed
    group by customer_id, identifier_type, identifier_value
),

final as (
    select
        grouped.customer_id,
        grouped.identifier_type,
        grouped.identifier_value,
        grouped.kind,
        grouped.is_strong,
        grouped.first_seen_at,
        grouped.last_seen_at,
        junk.identifier_type is not null as is_junk,
        count(*) over (partition by grouped.identifier_type, grouped.identifier_value) as customer_count
    from grouped
    left join junk
        on grouped.identifier_type = junk.identifier_type and grouped.identifier_value = junk.identifier_value
)

select * from final
