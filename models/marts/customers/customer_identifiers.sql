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

-- A bit for each source: the sources of an identifier are a number until they are written out, once for each number.
sources as (
    select
        source_name,
        cast(power(2, row_number() over (order by source_name) - 1) as bigint) as source_bit
    from (select distinct source_name from sightings) as distinct_sources
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
        bit_or(sources.source_bit) as source_bits,
        count(core_records.record_id) > 0 as is_in_core
    from sightings
    inner join sources
        on sightings.source_name = sources.source_name
    left join core_records
        on sightings.record_id = core_records.record_id
    group by sightings.customer_id, sightings.identifier_type, sightings.identifier_value
),

source_lists as (
    select
        combinations.source_bits,
        {{ sorted_list('sources.source_name') }} as sources
    from (select distinct source_bits from grouped) as combinations
    inner join sources on combinations.source_bits & sources.source_bit <> 0
    group by combinations.source_bits
),

final as (
    select
        grouped.*,
        source_lists.sources,
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
    inner join source_lists
        on grouped.source_bits = source_lists.source_bits
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
