-- Entries carry odd numbers and exits even ones, without a gap: no stay was lost or written twice.
select
    customer_id,
    segment_name,
    event_number,
    event_kind
from (
    select
        customer_id,
        segment_name,
        event_number,
        event_kind,
        row_number() over (partition by customer_id, segment_name order by event_number) as expected_number
    from {{ ref('segment_membership_events') }}
) as numbered
where
    event_number <> expected_number
    or (event_number % 2 = 1 and event_kind <> 'entered')
    or (event_number % 2 = 0 and event_kind <> 'exited')
