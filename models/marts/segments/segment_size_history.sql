with events as (
    select
        segment_name,
        event_kind,
        cast(occurred_at as date) as event_date
    from {{ ref('segment_membership_events') }}
    where occurred_at is not null
),

days as (
    select
        segment_name,
        event_date,
        sum(case when event_kind = 'entered' then 1 else 0 end) as entered_count,
        sum(case when event_kind = 'exited' then 1 else 0 end) as exited_count
    from events
    group by segment_name, event_date
),

sizes as (
    select
        segment_name,
        event_date,
        entered_count,
        exited_count,
        sum(entered_count - exited_count) over (
            partition by segment_name order by event_date rows between unbounded preceding and current row
        ) as member_count
    from days
),

final as (
    select
        segment_name,
        event_date as date_day,
        cast(entered_count as bigint) as entered_count,
        cast(exited_count as bigint) as exited_count,
        cast(member_count as bigint) as member_count,
        entered_count / cast(nullif(member_count - entered_count + exited_count, 0) as double) as entry_rate,
        exited_count / cast(nullif(member_count - entered_count + exited_count, 0) as double) as exit_rate
    from sizes
)

select * from final
