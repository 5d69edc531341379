{{ config(cluster_by='customer_id') }}

with sightings as (
    select * from {{ ref('int_customer_identifier_sightings') }}
),

core_records as (
    select * from {{ ref('int_customer_core_records') }}
),

record_counts as (
    select
        customer_id,
        record_count
    from {{ ref('int_customer_golden_values') }}
),

-- A device that is not shared is a customer's for one time without a gap: somebody who came back would make it shared.
devices as (
    select
        identifier_type,
        identifier,
        customer_id,
        bool_or(is_shared) as is_shared,
        min(valid_from) as valid_from,
        case when count(*) = count(valid_to) then max(valid_to) end as valid_to
    from {{ ref('customer_devices') }}
    group by identifier_type, identifier, customer_id
),

-- Whoever has several records and no proof between any of them is held together by probability alone.
grouped as (
    select
        sightings.customer_id,
        sightings.identifier_type,
        sightings.identifier_value,
        bool_or(sightings.is_strong) as is_strong,
        min(sightings.first_seen_at) as first_seen_at,
        max(sightings.last_seen_at) as last_seen_at,
        count(*) as record_count,
        min(sightings.source_name) as first_source,
        max(sightings.source_name) as last_source,
        count(core_records.record_id) > 0 as is_in_core
    from sightings
    left join core_records
        on sightings.record_id = core_records.record_id
    group by sightings.customer_id, sightings.identifier_type, sightings.identifier_value
),

-- Most identifiers are of one source. Lists are made for the others alone, because a list for each of millions of groups is dear.
several_sources as (
    select
        sightings.customer_id,
        sightings.identifier_type,
        sightings.identifier_value,
        {{ sorted_list('sightings.source_name') }} as sources
    from sightings
    inner join grouped
        on
            sightings.customer_id = grouped.customer_id
            and sightings.identifier_type = grouped.identifier_type
            and sightings.identifier_value = grouped.identifier_value
    where grouped.first_source <> grouped.last_source
    group by sightings.customer_id, sightings.identifier_type, sightings.identifier_value
),

final as (
    select
        grouped.*,
        coalesce(several_sources.sources, grouped.first_source) as sources,
        case
            when record_counts.record_count = 1 then 'single source'
            when grouped.is_in_core then 'deterministic'
            else 'probabilistic'
        end as link_method,
        count(*) over (partition by grouped.identifier_type, grouped.identifier_value) as customer_count,
        shared_devices.identifier is not null as is_shared_device,
        tenures.valid_from,
        tenures.valid_to
    from grouped
    inner join record_counts
        on grouped.customer_id = record_counts.customer_id
    left join several_sources
        on
            grouped.customer_id = several_sources.customer_id
            and grouped.identifier_type = several_sources.identifier_type
            and grouped.identifier_value = several_sources.identifier_value
    left join devices as shared_devices
        on
            shared_devices.is_shared
            and grouped.identifier_type = shared_devices.identifier_type
            and grouped.identifier_value = shared_devices.identifier
    left join devices as tenures
        on
            grouped.customer_id = tenures.customer_id
            and grouped.identifier_type = tenures.identifier_type
            and grouped.identifier_value = tenures.identifier
)

select
    customer_id,
    identifier_type,
    identifier_value,
    is_strong,
    first_seen_at,
    last_seen_at,
    cast(record_count as bigint) as record_count,
    sources,
    link_method,
    -- A device that changed hands had several customers and is shared by none of them.
    case
        when {{ is_device_identifier('identifier_type') }} then is_shared_device
        else customer_count > 1
    end as is_shared,
    cast(customer_count as bigint) as customer_count,
    cast(valid_from as {{ dbt.type_timestamp() }}) as valid_from,
    cast(valid_to as {{ dbt.type_timestamp() }}) as valid_to
from final
