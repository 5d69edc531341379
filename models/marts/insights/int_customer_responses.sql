{{ config(schema='intermediate', cluster_by='customer_id') }}

with as_of as (
    select {{ as_of() }} as as_of_at
),

customer_ids as (
    select * from {{ ref('customer_ids') }}
),

zones as (
    select
        time_zones.time_zone,
        stated.customer_id,
        row_number() over (
            partition by stated.customer_id
            order by stated.updated_at desc nulls last, time_zones.time_zone
        ) as place
    from {{ ref('int_customer_time_zone_values') }} as stated
    inner join {{ ref('int_time_zones') }} as time_zones
        on stated.raw_zone = time_zones.raw_zone
    where time_zones.time_zone is not null
),

responses as (
    {% if var('klaviyo_enabled') %}
    select
        customer_ids.customer_id,
        case when lower(events.event_type) like '%sms' then 'sms' else 'email' end as channel,
        lower(events.event_type) in ('received email', 'received sms') as is_message,
        lower(events.event_type) not in ('received email', 'received sms') as is_response,
        events.occurred_at
    from {{ ref('stg_klaviyo__events') }} as events
    inner join customer_ids
        on events.record_id = customer_ids.record_id
    where lower(events.event_type) in ('received email', 'opened email', 'clicked email', 'received sms', 'clicked sms')
    union all
    {% endif %}
    select
        customer_id,
        sales_channel as channel,
        false as is_message,
        true as is_response,
        ordered_at as occurred_at
    from {{ ref('orders') }}
    where
        customer_id is not null
        and order_kind = 'sale'
        and not is_test
        and not is_cancelled
),

final as (
    select
        responses.customer_id,
        responses.channel,
        responses.is_message,
        responses.is_response,
        responses.occurred_at,
        zones.time_zone,
        case
            when zones.time_zone is null then responses.occurred_at
            else {{ utc_to_local('responses.occurred_at', 'zones.time_zone') }}
        end as local_at,
        cast(responses.occurred_at as date) <= cast({{ dbt.dateadd('day', -var('insights_holdout_days'), 'as_of.as_of_at') }} as date) as is_before_cut
    from responses
    inner join as_of
        on responses.occurred_at <= as_of.as_of_at
    left join zones
        on
            responses.customer_id = zones.customer_id
            and zones.place = 1
)

select * from final
