{{ config(cluster_by='customer_id') }}

with customers as (
    select * from {{ ref('customers') }}
),

as_of as (
    select {{ as_of() }} as as_of_at
),

orders as (
    select * from {{ ref('int_customer_orders') }}
),

lifecycle as (
    select * from {{ ref('int_customer_lifecycle') }}
),

-- Ranked among those who bought within the year; the others have no rank, so no share of them is ever at the top.
value_ranks as (
    select
        customer_id,
        percent_rank() over (order by net_revenue_last_365_days) as value_percent_rank
    from customers
    where net_revenue_last_365_days > 0
),

behavior as (
    select * from {{ ref('int_customer_behavior') }}
),

lifetime_value as (
    select * from {{ ref('customer_lifetime_value') }}
),

categories as (
    select * from {{ ref('int_customer_categories') }}
),

final as (
    select
        customers.*,
        customers.email is not null as has_email,
        customers.phone is not null as has_phone,
        customers.company_name is not null as has_company,
        {{ full_years_between('customers.birth_date', 'as_of.as_of_at') }} as age_years,
        {{ dbt.datediff('customers.first_seen_at', 'as_of.as_of_at', 'day') }} as days_since_first_seen,
        {{ dbt.datediff('customers.last_seen_at', 'as_of.as_of_at', 'day') }} as days_since_last_seen,
        coalesce(orders.online_order_count, 0) as online_order_count,
        coalesce(orders.store_order_count, 0) as store_order_count,
        lifecycle.days_since_first_order,
        lifecycle.days_since_last_order,
        lifecycle.purchase_gap_days,
        value_ranks.value_percent_rank,
        categories.favourite_category,
        coalesce(categories.favourite_category_orders, 0) as favourite_category_orders,
        categories.favourite_category_share,
        lifetime_value.probability_alive,
        lifetime_value.purchase_probability,
        lifetime_value.expected_purchases,
        lifetime_value.lifetime_value,
        {{ dbt.datediff('customers.nps_answered_at', 'as_of.as_of_at', 'day') }} as days_since_nps,
        {{ dbt.datediff('customers.csat_answered_at', 'as_of.as_of_at', 'day') }} as days_since_csat,
        coalesce(behavior.recent_abandoned_carts, 0) as recent_abandoned_carts,
        coalesce(behavior.recent_web_actions, 0) as recent_web_actions,
        {{ dbt.datediff('behavior.last_web_visit_at', 'as_of.as_of_at', 'day') }} as days_since_web_visit,
        coalesce(behavior.recent_emails_received, 0) as recent_emails_received,
        {{ dbt.datediff('behavior.last_email_engaged_at', 'as_of.as_of_at', 'day') }} as days_since_email_engaged,
        coalesce(behavior.open_ticket_count, 0) as open_ticket_count
    from customers
    cross join as_of
    left join orders
        on customers.customer_id = orders.customer_id
    left join lifecycle
        on customers.customer_id = lifecycle.customer_id
    left join lifetime_value
        on customers.customer_id = lifetime_value.customer_id
    left join value_ranks
        on customers.customer_id = value_ranks.customer_id
    left join behavior
        on customers.customer_id = behavior.customer_id
    left join categories
        on customers.customer_id = categories.customer_id
)

select
    customer_id,
    country,
    region,
    gender,
    cast(age_years as integer) as age_years,
    is_anonymous,
    has_email,
    is_email_verified,
    has_phone,
    has_company,
    job_title,
    account_industry,
    account_employee_count,
    record_count,
    source_count,
    cast(days_since_first_seen as integer) as days_since_first_seen,
    cast(days_since_last_seen as integer) as days_since_last_seen,
    order_count,
    online_order_count,
    store_order_count,
    nearest_store_id,
    nearest_store_km,
    favourite_store_id,
    favourite_store_sale_count,
    favourite_category,
    favourite_category_orders,
    favourite_category_share,
    orders_last_365_days,
    net_revenue,
    net_revenue_last_365_days,
    average_order_value,
    value_percent_rank,
    cast(days_since_first_order as integer) as days_since_first_order,
    cast(days_since_last_order as integer) as days_since_last_order,
    purchase_gap_days,
    rfm_recency_score,
    rfm_frequency_score,
    rfm_monetary_score,
    rfm_segment,
    lifecycle_stage,
    probability_alive,
    purchase_probability,
    expected_purchases,
    lifetime_value,
    nps_score,
    cast(days_since_nps as integer) as days_since_nps,
    csat_score,
    cast(days_since_csat as integer) as days_since_csat,
    recent_abandoned_carts,
    recent_page_views,
    recent_web_actions,
    cast(days_since_web_visit as integer) as days_since_web_visit,
    recent_emails_received,
    recent_email_opens,
    recent_email_clicks,
    cast(days_since_email_engaged as integer) as days_since_email_engaged,
    ticket_count,
    open_ticket_count
from final
