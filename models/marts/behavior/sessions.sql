{{ config(
    materialized='incremental',
    cluster_by='customer_id',
    incremental_strategy='restate',
    unique_key='session_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'touched_by': 'visitor_id', 'inputs': ['events'], 'macros': ['visitor_id'], 'logged': {'customer_id': 'customer_id'}}}
) }}
{% set gap = var('session_gap_minutes') | int %}

with events as (
    select
        *,
        {{ visitor_id() }} as visitor_id
    from {{ ref('events') }}
    where
        occurred_at is not null
        and {{ visitor_id() }} is not null
    {% if is_incremental() %}
        -- All events of a visitor that has new, changed or lost ones: a late event may join two visits into one.
        and {{ visitor_id() }} in (select visitor_id from {{ restate_touched() }})
    {% endif %}
),

-- Ordered by when things happened, not by when they arrived: an event that comes late falls into the visit it belongs to.
preceded as (
    select
        *,
        lag(occurred_at) over visits as previous_at,
        row_number() over visits as event_position,
        {{ last_known('case when customer_id is not null then ' ~ record({'customer_id': 'customer_id', 'occurred_at': 'occurred_at'}) ~ ' end') }} over (
            partition by visitor_id
            order by occurred_at, event_id
            rows between unbounded preceding and 1 preceding
        ) as previous_customer
    from events
    window visits as (partition by visitor_id order by occurred_at, event_id)
),

timed as (
    select
        *,
        max(
            case when previous_at is null or occurred_at > {{ dbt.dateadd('minute', gap, 'previous_at') }} then occurred_at end
        ) over (
            partition by visitor_id
            order by event_position
            rows between unbounded preceding and current row
        ) as came_at
    from preceded
),

numbered as (
    select
        *,
        sum(
            case
                when previous_at is null or occurred_at > {{ dbt.dateadd('minute', gap, 'previous_at') }} then 1
                -- Somebody else has the device now. Who had it at an earlier visit says nothing of this one.
                when customer_id <> (previous_customer).customer_id and (previous_customer).occurred_at >= came_at then 1
                else 0
            end
        ) over (
            partition by visitor_id
            order by event_position
            rows between unbounded preceding and current row
        ) as visit_number
    from timed
),

grouped as (
    select
        visitor_id,
        visit_number,
        max(customer_id) as customer_id,
        min(channel) as channel,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        min_by(event_id, event_position) as first_event_id,
        min_by(page_path, event_position) filter (where page_path is not null) as landing_page_path,
        max_by(page_path, event_position) filter (where page_path is not null) as exit_page_path,
        -- All that a visit says of its campaign is taken from the one event that says it first.
        min_by(
            {{ record({'campaign_source': 'campaign_source', 'campaign_medium': 'campaign_medium', 'campaign_name': 'campaign_name'}) }}, event_position
        ) filter (where coalesce(campaign_source, campaign_medium, campaign_name) is not null) as campaign,
        min_by(referrer_domain, event_position) filter (where referrer_domain is not null) as referrer_domain,
        count(*) as event_count,
        count(*) filter (where event_type = 'page_viewed') as page_view_count,
        count(*) filter (where received_at > {{ dbt.dateadd('minute', gap, 'occurred_at') }}) as late_event_count
    from numbered
    group by visitor_id, visit_number
),

final as (
    select
        *,
        (campaign).campaign_source as campaign_source,
        (campaign).campaign_medium as campaign_medium,
        (campaign).campaign_name as campaign_name,
        {{ stable_key(['visitor_id', 'first_event_id']) }} as session_id
    from grouped
)

select
    session_id,
    visitor_id,
    customer_id,
    channel,
    started_at,
    ended_at,
    cast({{ dbt.datediff('started_at', 'ended_at', 'second') }} as bigint) as duration_seconds,
    cast(event_count as bigint) as event_count,
    cast(page_view_count as bigint) as page_view_count,
    cast(late_event_count as bigint) as late_event_count,
    landing_page_path,
    exit_page_path,
    referrer_domain,
    campaign_source,
    campaign_medium,
    campaign_name,
    {{ marketing_channel('campaign_medium', 'campaign_source', 'referrer_domain') }} as marketing_channel
from final
