{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='fail') }}

with qualifiers as (
    select * from {{ ref('int_segment_qualifiers') }}
),

customers as (
    select customer_id from {{ ref('customer_features') }}
),

as_of as (
    select {{ as_of() }} as as_of_at
),

latest as (
    {% if is_incremental() %}
    select
        customer_id,
        segment_name,
        event_number,
        event_kind,
        occurred_at
    from (
        select
            *,
            row_number() over (partition by customer_id, segment_name order by event_number desc) as events_back
        from {{ this }}
    ) as numbered
    where events_back = 1
    {% else %}
    {{ empty_rows({
        'customer_id': 'varchar', 'segment_name': 'varchar', 'event_number': 'integer', 'event_kind': 'varchar',
        'occurred_at': 'timestamp',
    }) }}
    {% endif %}
),

entries as (
    select
        qualifiers.customer_id,
        qualifiers.segment_name,
        coalesce(latest.event_number, 0) + 1 as event_number,
        'entered' as event_kind,
        greatest(as_of.as_of_at, latest.occurred_at) as occurred_at,
        'qualifies' as reason
    from qualifiers
    cross join as_of
    left join latest
        on
            qualifiers.customer_id = latest.customer_id
            and qualifiers.segment_name = latest.segment_name
    where coalesce(latest.event_kind, 'exited') = 'exited'
),

-- Never before the entry, even when someone sets the as-of time back.
exits as (
    select
        latest.customer_id,
        latest.segment_name,
        latest.event_number + 1 as event_number,
        'exited' as event_kind,
        greatest(as_of.as_of_at, latest.occurred_at) as occurred_at,
        case
            when latest.segment_name not in ({% for segment in declared_segments() %}'{{ segment.name }}', {% endfor %}'') then 'segment no longer declared'
            when customers.customer_id is null then 'customer no longer exists'
            else 'no longer qualifies'
        end as reason
    from latest
    cross join as_of
    left join qualifiers
        on
            latest.customer_id = qualifiers.customer_id
            and latest.segment_name = qualifiers.segment_name
    left join customers
        on latest.customer_id = customers.customer_id
    where
        latest.event_kind = 'entered'
        and qualifiers.customer_id is null
),

final as (
    select * from entries
    union all
    select * from exits
)

select
    customer_id,
    segment_name,
    event_number,
    event_kind,
    occurred_at,
    reason
from final
{#- A dry run (dbt build --empty) sees no customers; it must not write that everybody left. #}
{% if flags.EMPTY %}where false{% endif %}
