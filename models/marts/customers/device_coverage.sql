with events as (
    select * from {{ ref('int_device_events') }}
),

devices as (
    select
        identifier_type,
        identifier,
        bool_or(is_shared) as is_shared,
        count(distinct customer_id) as customer_count
    from {{ ref('customer_devices') }}
    group by identifier_type, identifier
),

seen as (
    {% for identifier in device_identifier_types() %}
    select
        '{{ identifier }}' as identifier_type,
        {{ identifier }} as identifier,
        count(*) as event_count,
        count(*) - count(user_id) as anonymous_event_count
    from events
    where {{ identifier }} is not null
    group by {{ identifier }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

judged as (
    select
        seen.identifier_type,
        case
            when devices.identifier is null then 'nobody logged in'
            when devices.is_shared then 'shared'
            when devices.customer_count > 1 then 'changed hands'
            else 'one customer'
        end as device_status,
        seen.event_count,
        seen.anonymous_event_count
    from seen
    left join devices
        on seen.identifier_type = devices.identifier_type and seen.identifier = devices.identifier
),

final as (
    select
        identifier_type,
        device_status,
        cast(count(*) as bigint) as device_count,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(anonymous_event_count) as bigint) as anonymous_event_count
    from judged
    group by identifier_type, device_status
)

select * from final
