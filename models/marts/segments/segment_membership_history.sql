with events as (
    select * from {{ ref('segment_membership_events') }}
),

paired as (
    select
        customer_id,
        segment_name,
        event_number,
        event_kind,
        occurred_at as entered_at,
        lead(event_kind) over (partition by customer_id, segment_name order by event_number) as next_event_kind,
        lead(occurred_at) over (partition by customer_id, segment_name order by event_number) as exited_at,
        lead(reason) over (partition by customer_id, segment_name order by event_number) as exit_reason
    from events
),

final as (
    select
        customer_id,
        segment_name,
        cast((event_number + 1) / 2 as integer) as stay_number,
        entered_at,
        exited_at,
        exit_reason,
        next_event_kind is null as is_current
    from paired
    where event_kind = 'entered'
)

select
    customer_id,
    segment_name,
    stay_number,
    entered_at,
    exited_at,
    exit_reason,
    is_current
from final
