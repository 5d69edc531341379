{{ config(schema='intermediate', cluster_by='customer_id') }}

with records as (
    select * from {{ ref('int_customer_records') }}
),

record_identifiers as (
    select
        record_id,
        identifier_type,
        identifier_value,
        is_strong,
        observed_at as first_seen_at,
        observed_at as last_seen_at
    from {{ ref('identity_record_identifiers') }}
),

-- A login ties the browser and the device it came from to the person who logged in.
logins as (
    select
        record_id,
        identifier_type,
        identifier as identifier_value,
        false as is_strong,
        logged_in_at as first_seen_at,
        last_login_at as last_seen_at
    from {{ ref('device_logins') }}
),

sightings as (
    select * from record_identifiers
    union all
    select * from logins
),

final as (
    select
        records.customer_id,
        sightings.record_id,
        records.source_name,
        sightings.identifier_type,
        sightings.identifier_value,
        bool_or(sightings.is_strong) as is_strong,
        min(sightings.first_seen_at) as first_seen_at,
        max(sightings.last_seen_at) as last_seen_at
    from sightings
    inner join records
        on sightings.record_id = records.record_id
    group by
        records.customer_id,
        sightings.record_id,
        records.source_name,
        sightings.identifier_type,
        sightings.identifier_value
)

select
    customer_id,
    record_id,
    source_name,
    identifier_type,
    identifier_value,
    is_strong,
    first_seen_at,
    last_seen_at
from final
