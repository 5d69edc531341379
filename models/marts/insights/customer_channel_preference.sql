{{ config(cluster_by='customer_id') }}

with preferences as (
    select *
    from {{ ref('int_channel_preferences') }}
    where scope = 'full'
),

final as (
    select
        customer_id,
        contact_channel as preferred_contact_channel,
        response_rate as contact_response_rate,
        cast(coalesce(message_count, 0) as bigint) as contact_message_count,
        sales_channel as preferred_sales_channel,
        sales_channel_share,
        cast(coalesce(sale_count, 0) as bigint) as sale_count,
        best_hour,
        case when best_hour is null then null when time_zone is null then 'UTC' else 'local' end as best_hour_basis,
        case when best_hour is not null then coalesce(time_zone, 'UTC') end as best_hour_time_zone,
        cast(coalesce(event_count, 0) as bigint) as best_hour_event_count
    from preferences
)

select * from final
