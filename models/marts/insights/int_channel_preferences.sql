{{ config(schema='intermediate', cluster_by='customer_id') }}

{% set prior = var('channel_preference_prior') %}

with scopes as (
    select 'full' as scope
    union all
    select 'holdout' as scope
),

responses as (
    select
        scopes.scope,
        responses.*
    from {{ ref('int_customer_responses') }} as responses
    inner join scopes
        on scopes.scope = 'full' or responses.is_before_cut
),

by_channel as (
    select
        scope,
        customer_id,
        channel,
        count(*) filter (where is_message) as message_count,
        count(*) filter (where is_response) as response_count
    from responses
    group by scope, customer_id, channel
),

-- Responses to messages that no source tells of, such as those of a machine or of a time before, belong to no rate.
overall as (
    select
        scope,
        channel,
        cast(sum(case when message_count > 0 then response_count end) as double) / nullif(sum(message_count), 0) as response_rate
    from by_channel
    group by scope, channel
),

-- A rate of few messages is drawn towards everybody's; sales have no messages and are compared by their number.
rated as (
    select
        by_channel.scope,
        by_channel.customer_id,
        by_channel.channel,
        by_channel.message_count,
        by_channel.response_count,
        case
            when by_channel.channel in ('email', 'sms') and by_channel.message_count > 0
                then round((by_channel.response_count + {{ prior }} * overall.response_rate) / (by_channel.message_count + {{ prior }}), 9)
        end as response_rate
    from by_channel
    inner join overall
        on
            by_channel.scope = overall.scope
            and by_channel.channel = overall.channel
),

contact as (
    select
        scope,
        customer_id,
        channel,
        response_rate,
        message_count
    from rated
    where response_rate is not null and response_count > 0
    qualify row_number() over (partition by scope, customer_id order by response_rate desc, channel) = 1
),

sales as (
    select
        scope,
        customer_id,
        channel,
        response_count,
        sum(response_count) over (partition by scope, customer_id) as sale_count,
        row_number() over (partition by scope, customer_id order by response_count desc, channel) as place
    from rated
    where channel in ('online', 'store')
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

customers as (
    select distinct
        scope,
        customer_id
    from by_channel
),

final as (
    select
        customers.scope,
        customers.customer_id,
        contact.channel as contact_channel,
        contact.response_rate,
        contact.message_count,
        sales.channel as sales_channel,
        cast(sales.response_count as double) / sales.sale_count as sales_channel_share,
        sales.sale_count,
        case when evidence.event_count >= {{ var('best_hour_min_events') }} then best_hours.hour end as best_hour,
        evidence.event_count,
        evidence.time_zone
    from customers
    left join contact
        on
            customers.scope = contact.scope
            and customers.customer_id = contact.customer_id
    left join sales
        on
            customers.scope = sales.scope
            and customers.customer_id = sales.customer_id
            and sales.place = 1
    left join evidence
        on
            customers.scope = evidence.scope
            and customers.customer_id = evidence.customer_id
    left join best_hours
        on
            customers.scope = best_hours.scope
            and customers.customer_id = best_hours.customer_id
)

select * from final
