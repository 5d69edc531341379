{{ config(
    materialized='incremental',
    cluster_by='customer_id',
    incremental_strategy='restate',
    unique_key=['order_id', 'touchpoint_number'],
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'touched_by': 'customer_id', 'inputs': ['events', 'sessions', 'orders'], 'logged': {'order_id': 'order_id'}}}
) }}
{% set gap = var('session_gap_minutes') | int %}

with sales as (
    select
        order_id,
        customer_id,
        ordered_at
    from {{ ref('orders') }}
    where
        order_kind = 'sale'
        and not is_test
        and not is_cancelled
        and customer_id is not null
        and ordered_at is not null
    {% if is_incremental() %}
        and customer_id in (select customer_id from {{ restate_touched() }})
    {% endif %}
),

visits as (
    select
        session_id as touchpoint_id,
        customer_id,
        started_at as touched_at,
        'session' as touchpoint_type,
        marketing_channel,
        campaign_name
    from {{ ref('sessions') }}
    where
        customer_id is not null
    {% if is_incremental() %}
        and customer_id in (select customer_id from {{ restate_touched() }})
    {% endif %}
),

clicks as (
    select
        event_id as touchpoint_id,
        customer_id,
        occurred_at as touched_at,
        'email click' as touchpoint_type,
        'email' as marketing_channel,
        campaign_name
    from {{ ref('events') }}
    where
        event_type = 'clicked_email'
        and customer_id is not null
        and occurred_at is not null
    {% if is_incremental() %}
        and customer_id in (select customer_id from {{ restate_touched() }})
    {% endif %}
),

-- A click that opens a visit is one contact, not two. The click says where it came from. Only the last click before a visit can have opened it, so
-- that one pass over the contacts of a customer finds it, however many they are.
contacts as (
    select
        *,
        max(case when touchpoint_type = 'email click' then touched_at end) over (partition by customer_id order by touched_at) as last_clicked_at
    from (
        select * from clicks
        union all
        select * from visits
    ) as clicks_and_visits
),

touches as (
    select *
    from contacts
    where
        touchpoint_type = 'email click'
        or last_clicked_at is null
        or last_clicked_at <= {{ dbt.dateadd('minute', -gap, 'touched_at') }}
),

-- One time line per customer: each touchpoint leads to the next sale and to no other, so that the work grows with the events, not with their pairs.
time_line as (
    select
        customer_id,
        touched_at as happened_at,
        1 as place,
        touchpoint_id as id,
        cast(null as string) as order_id,
        touchpoint_type,
        marketing_channel,
        campaign_name
    from touches
    union all
    select
        customer_id,
        ordered_at as happened_at,
        2 as place,
        order_id as id,
        order_id,
        null as touchpoint_type,
        null as marketing_channel,
        null as campaign_name
    from sales
),

followed as (
    select
        *,
        {{ first_known('order_id') }} over following as conversion_order_id,
        {{ first_known('case when place = 2 then happened_at end') }} over following as converted_at
    from time_line
    window following as (
        partition by customer_id
        order by happened_at, place, id
        rows between current row and unbounded following
    )
),

final as (
    select
        conversion_order_id as order_id,
        customer_id,
        converted_at,
        id as touchpoint_id,
        touchpoint_type,
        happened_at as touched_at,
        marketing_channel,
        campaign_name,
        row_number() over (partition by conversion_order_id order by happened_at, id) as touchpoint_number,
        count(*) over (partition by conversion_order_id) as touchpoint_count
    from followed
    where
        place = 1
        and conversion_order_id is not null
        and happened_at >= {{ dbt.dateadd('day', -(var('attribution_lookback_days') | int), 'converted_at') }}
)

select
    order_id,
    cast(touchpoint_number as integer) as touchpoint_number,
    cast(touchpoint_count as integer) as touchpoint_count,
    customer_id,
    converted_at,
    touchpoint_id,
    touchpoint_type,
    touched_at,
    marketing_channel,
    campaign_name
from final
