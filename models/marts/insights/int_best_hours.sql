{{ config(schema='intermediate', cluster_by='customer_id') }}

{% set prior = var('channel_preference_prior') %}

with responses as (
    {{ scoped_responses() }}
),

hourly as (
    select
        scope,
        customer_id,
        time_zone,
        cast({{ dbt.date_trunc('hour', 'local_at') }} as timestamp) as local_hour_at
    from responses
    -- In a store the opening hours decide, not the customer.
    where is_response and channel <> 'store'
),

counted as (
    select
        scope,
        customer_id,
        time_zone,
        cast(extract(hour from local_hour_at) as integer) as hour,
        count(*) as event_count
    from hourly
    group by scope, customer_id, time_zone, cast(extract(hour from local_hour_at) as integer)
),

hours_of_all as (
    select
        scope,
        hour,
        cast(sum(event_count) as double) / sum(sum(event_count)) over (partition by scope) as share
    from counted
    group by scope, hour
),

-- Neighbouring hours count half, over midnight too: an hour is not as sharp as its number.
spread as (
    select
        counted.scope,
        counted.customer_id,
        (counted.hour + shifts.shift + 24) % 24 as hour,
        sum(counted.event_count * shifts.weight) as weight
    from counted
    cross join (values (-1, 0.5), (0, 1.0), (1, 0.5)) as shifts (shift, weight)
    group by counted.scope, counted.customer_id, (counted.hour + shifts.shift + 24) % 24
),

evidence as (
    select
        scope,
        customer_id,
        max(time_zone) as time_zone,
        sum(event_count) as event_count
    from counted
    group by scope, customer_id
),

-- What everybody does counts as much as so many events of the customer's own.
best_hours as (
    select
        spread.scope,
        spread.customer_id,
        spread.hour
    from spread
    left join hours_of_all
        on
            spread.scope = hours_of_all.scope
            and spread.hour = hours_of_all.hour
    qualify row_number() over (
        partition by spread.scope, spread.customer_id
        order by round(spread.weight + {{ prior }} * coalesce(hours_of_all.share, 0), 9) desc, spread.hour
    ) = 1
),

final as (
    select
        evidence.scope,
        evidence.customer_id,
        case when evidence.event_count >= {{ var('best_hour_min_events') }} then best_hours.hour end as best_hour,
        evidence.event_count,
        evidence.time_zone
    from evidence
    inner join best_hours
        on
            evidence.scope = best_hours.scope
            and evidence.customer_id = best_hours.customer_id
)

select * from final
