{{ config(schema='intermediate', cluster_by='customer_id') }}

{% set prior = var('channel_preference_prior') %}

with responses as (
    {{ scoped_responses() }}
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
        best_hours.best_hour,
        best_hours.event_count,
        best_hours.time_zone
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
    left join {{ ref('int_best_hours') }} as best_hours
        on
            customers.scope = best_hours.scope
            and customers.customer_id = best_hours.customer_id
)

select * from final
