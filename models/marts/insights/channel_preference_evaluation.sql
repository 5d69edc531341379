with preferences as (
    select *
    from {{ ref('int_channel_preferences') }}
    where scope = 'holdout'
),

later as (
    select *
    from {{ ref('int_customer_responses') }}
    where not is_before_cut and is_response
),

usual_channel as (
    select sales_channel
    from preferences
    where sales_channel is not null
    group by sales_channel
    order by sum(sale_count) desc, sales_channel
    limit 1
),

usual_contact as (
    select channel
    from {{ ref('int_customer_responses') }}
    where is_before_cut and is_response and channel in ('email', 'sms')
    group by channel
    order by count(*) desc, channel
    limit 1
),

usual_hour as (
    select cast(extract(hour from local_at) as integer) as hour
    from {{ ref('int_customer_responses') }}
    where is_before_cut and is_response and channel <> 'store'
    group by cast(extract(hour from local_at) as integer)
    order by count(*) desc, cast(extract(hour from local_at) as integer)
    limit 1
),

judged as (
    select
        'sales channel' as preference,
        later.customer_id,
        later.channel = preferences.sales_channel as is_hit,
        later.channel = usual_channel.sales_channel as is_baseline_hit
    from later
    inner join preferences
        on later.customer_id = preferences.customer_id
    cross join usual_channel
    where later.channel in ('online', 'store') and preferences.sales_channel is not null
    union all
    select
        'contact channel' as preference,
        later.customer_id,
        later.channel = preferences.contact_channel as is_hit,
        later.channel = usual_contact.channel as is_baseline_hit
    from later
    inner join preferences
        on later.customer_id = preferences.customer_id
    cross join usual_contact
    where later.channel in ('email', 'sms') and preferences.contact_channel is not null
    union all
    -- Within an hour either way, over midnight too.
    select
        'best hour' as preference,
        later.customer_id,
        (cast(extract(hour from later.local_at) as integer) - preferences.best_hour + 25) % 24 <= 2 as is_hit,
        (cast(extract(hour from later.local_at) as integer) - usual_hour.hour + 25) % 24 <= 2 as is_baseline_hit
    from later
    inner join preferences
        on later.customer_id = preferences.customer_id
    cross join usual_hour
    where later.channel <> 'store' and preferences.best_hour is not null
),

kinds as (
    select 'sales channel' as preference
    union all
    select 'contact channel' as preference
    union all
    select 'best hour' as preference
),

final as (
    select
        kinds.preference,
        {{ var('insights_holdout_days') }} as holdout_days,
        count(distinct judged.customer_id) as customer_count,
        count(judged.customer_id) as event_count,
        cast(count(*) filter (where judged.is_hit) as double) / nullif(count(judged.customer_id), 0) as hit_share,
        cast(count(*) filter (where judged.is_baseline_hit) as double) / nullif(count(judged.customer_id), 0) as baseline_hit_share
    from kinds
    left join judged
        on kinds.preference = judged.preference
    group by kinds.preference
)

select
    preference,
    holdout_days,
    cast(customer_count as bigint) as customer_count,
    cast(event_count as bigint) as event_count,
    hit_share,
    baseline_hit_share,
    hit_share > baseline_hit_share as is_better_than_baseline
from final
