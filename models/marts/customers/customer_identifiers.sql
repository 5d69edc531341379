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
        {{ sorted_list('sightings.source_name') }} as sources,
        count(core_records.record_id) > 0 as is_in_core
    from sightings
    left join core_records
        on sightings.record_id = core_records.record_id
    group by sightings.customer_id, sightings.identifier_type, sightings.identifier_value
),

final as (
    select
        grouped.*,
        case
            when record_counts.record_count = 1 then 'single source'
            when grouped.is_in_core then 'deterministic'
            else 'probabilistic'
        end as link_method,
        count(*) over (partition by grouped.identifier_type, grouped.identifier_value) as customer_count
    from grouped
    inner join record_counts
        on grouped.customer_id = record_counts.customer_id
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
    customer_count > 1 as is_shared,
    cast(customer_count as bigint) as customer_count
from final
