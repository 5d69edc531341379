{{ config(materialized='view') }}

with stays as (
    select * from {{ ref('segment_membership_history') }}
),

final as (
    select
        customer_id,
        segment_name,
        2 * stay_number - 1 as event_number,
        'entered' as event_kind,
        entered_at as occurred_at,
        'qualifies' as reason
    from stays
    union all
    select
        customer_id,
        segment_name,
        2 * stay_number as event_number,
        'exited' as event_kind,
        exited_at as occurred_at,
        exit_reason as reason
    from stays
    where not is_current
)

select
    customer_id,
    segment_name,
    event_number,
    event_kind,
    occurred_at,
    reason
from final
