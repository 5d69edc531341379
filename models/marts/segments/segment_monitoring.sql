with segments as (
    select * from {{ ref('segments') }}
),

as_of as (
    select cast({{ as_of() }} as date) as today
),

history as (
    select * from {{ ref('segment_size_history') }}
),

latest as (
    select
        history.segment_name,
        history.date_day,
        history.entry_rate,
        history.exit_rate
    from history
    qualify row_number() over (partition by history.segment_name order by history.date_day desc) = 1
),

-- The size at the end of the last day before the window; a segment younger than the window has none.
before_window as (
    select
        history.segment_name,
        history.member_count as earlier_member_count
    from history
    cross join as_of
    where history.date_day <= {{ dbt.dateadd('day', '-' ~ var('segment_drift_days'), 'as_of.today') }}
    qualify row_number() over (partition by history.segment_name order by history.date_day desc) = 1
),

reach as (
    select
        memberships.segment_name,
        count(distinct memberships.customer_id) as reachable_count
    from {{ ref('segment_membership') }} as memberships
    inner join segments on memberships.segment_name = segments.segment_name
    inner join {{ ref('consent_status') }} as consent
        on
            memberships.customer_id = consent.customer_id
            and segments.purpose = consent.purpose_code
            and consent.is_permitted
            and (consent.channel = 'any' or ', ' || segments.channels || ',' like '%, ' || consent.channel || ',%')
    group by memberships.segment_name
),

-- What is not asked for, such as service messages under a contract, has no status that could be counted.
asked as (
    select distinct purpose_code
    from {{ ref('purposes_channels') }}
    where has_status
),

measured as (
    select
        segments.segment_name,
        segments.owner,
        segments.member_count,
        coalesce(reach.reachable_count, 0) as reachable_count,
        case
            when asked.purpose_code is not null
                then coalesce(reach.reachable_count, 0) / cast(nullif(segments.member_count, 0) as double)
        end as reach_share,
        latest.date_day as last_changed_on,
        latest.entry_rate,
        latest.exit_rate,
        before_window.earlier_member_count,
        segments.member_count / cast(nullif(before_window.earlier_member_count, 0) as double) - 1 as size_drift
    from segments
    left join reach on segments.segment_name = reach.segment_name
    left join asked on segments.purpose = asked.purpose_code
    left join latest on segments.segment_name = latest.segment_name
    left join before_window on segments.segment_name = before_window.segment_name
),

final as (
    select
        segment_name,
        owner,
        member_count,
        cast(reachable_count as bigint) as reachable_count,
        reach_share,
        last_changed_on,
        entry_rate,
        exit_rate,
        cast(earlier_member_count as bigint) as earlier_member_count,
        size_drift,
        member_count = 0 as is_empty,
        -- Multiplied, not divided: from nobody to somebody is a drift, too.
        coalesce(abs(member_count - earlier_member_count) > {{ var('segment_drift_maximum') }} * earlier_member_count, false) as has_drifted,
        coalesce(reach_share < {{ var('segment_reach_minimum') }}, false) as is_hardly_reachable,
        coalesce(greatest(entry_rate, exit_rate) > {{ var('segment_turnover_maximum') }}, false) as is_restless
    from measured
)

select * from final
