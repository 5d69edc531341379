{{ config(cluster_by='customer_id') }}

with golden_values as (
    select * from {{ ref('int_customer_golden_values') }}
),

orders as (
    select * from {{ ref('int_customer_orders') }}
),

margins as (
    select * from {{ ref('int_customer_margins') }}
),

rfm as (
    select * from {{ ref('int_customer_rfm') }}
),

lifecycle as (
    select * from {{ ref('int_customer_lifecycle') }}
),

feedback as (
    select * from {{ ref('int_customer_feedback') }}
),

accounts as (
    select
        contacts.customer_id,
        contacts.account_id,
        accounts.account_name,
        accounts.industry,
        accounts.employee_count
    from {{ ref('account_contacts') }} as contacts
    inner join {{ ref('accounts') }} as accounts
        on contacts.account_id = accounts.account_id
    where contacts.is_primary_account
),

deliverability as (
    select * from {{ ref('contact_deliverability') }}
    where identifier_type = 'email'
),

interests as (
    select
        customer_id,
        {{ sorted_list("case when origin = 'declared' then interest end") }} as declared_interests,
        {{ sorted_list("case when origin = 'inferred' then interest end") }} as inferred_interests
    from {{ ref('customer_interests') }}
    group by customer_id
),

-- What a customer says (declared) stands before what purchases tell (inferred).
foremost_preferences as (
    select
        customer_id,
        preference,
        preferred_value
    from {{ ref('customer_preferences') }}
    qualify origin = min(origin) over (partition by customer_id, preference)
),

-- What differs by category is no preference of the customer's at all.
plain_preferences as (
    select
        customer_id,
        preference,
        min(preferred_value) as preferred_value
    from foremost_preferences
    group by customer_id, preference
    having min(preferred_value) = max(preferred_value)
),

preferences as (
    select
        customer_id,
        max(case when preference = 'size' then preferred_value end) as preferred_size,
        max(case when preference = 'colour' then preferred_value end) as preferred_colour
    from plain_preferences
    group by customer_id
),

stores as (
    select * from {{ ref('int_customer_stores') }}
),

acquisition as (
    select * from {{ ref('int_customer_acquisition') }}
),

identity_quality as (
    select * from {{ ref('int_customer_identity_quality') }}
),

behavior as (
    select * from {{ ref('int_customer_behavior') }}
),

final as (
    select
        golden_values.*,
        deliverability.is_deliverable as is_email_deliverable,
        stores.nearest_store_id,
        stores.nearest_store_basis,
        stores.nearest_store_km,
        stores.favourite_store_id,
        stores.favourite_store_sale_count,
        interests.declared_interests,
        interests.inferred_interests,
        preferences.preferred_size,
        preferences.preferred_colour,
        acquisition.acquisition_channel,
        acquisition.acquisition_campaign,
        acquisition.acquisition_basis,
        acquisition.acquired_at,
        coalesce(identity_quality.proven_record_count, 0) as proven_record_count,
        identity_quality.weakest_link_bits,
        coalesce(behavior.recent_email_opens, 0) as email_opens_recent,
        coalesce(behavior.recent_email_clicks, 0) as email_clicks_recent,
        behavior.last_email_engaged_at,
        coalesce(behavior.recent_page_views, 0) as page_views_recent,
        behavior.last_web_visit_at,
        coalesce(behavior.ticket_count, 0) as tickets_asked,
        behavior.last_ticket_at,
        accounts.account_id,
        accounts.account_name,
        accounts.industry as account_industry,
        accounts.employee_count as account_employee_count,
        coalesce(orders.order_count, 0) as order_count,
        orders.first_order_at,
        orders.last_order_at,
        coalesce(orders.net_revenue, 0) as net_revenue,
        orders.average_order_value,
        coalesce(orders.orders_last_365_days, 0) as orders_last_365_days,
        coalesce(orders.net_revenue_last_365_days, 0) as net_revenue_last_365_days,
        coalesce(orders.unconverted_document_count, 0) as unconverted_document_count,
        margins.margin,
        margins.margin_coverage,
        rfm.rfm_recency_score,
        rfm.rfm_frequency_score,
        rfm.rfm_monetary_score,
        rfm.rfm_segment,
        coalesce(lifecycle.lifecycle_stage, 'prospect') as lifecycle_stage,
        feedback.nps_score,
        feedback.nps_answered_at,
        feedback.csat_score,
        feedback.csat_answered_at
    from golden_values
    left join orders
        on golden_values.customer_id = orders.customer_id
    left join margins
        on golden_values.customer_id = margins.customer_id
    left join rfm
        on golden_values.customer_id = rfm.customer_id
    left join lifecycle
        on golden_values.customer_id = lifecycle.customer_id
    left join feedback
        on golden_values.customer_id = feedback.customer_id
    left join accounts
        on golden_values.customer_id = accounts.customer_id
    left join deliverability
        on golden_values.email = deliverability.identifier
    left join interests
        on golden_values.customer_id = interests.customer_id
    left join preferences
        on golden_values.customer_id = preferences.customer_id
    left join stores
        on golden_values.customer_id = stores.customer_id
    left join acquisition
        on golden_values.customer_id = acquisition.customer_id
    left join identity_quality
        on golden_values.customer_id = identity_quality.customer_id
    left join behavior
        on golden_values.customer_id = behavior.customer_id
)

select
    customer_id,
    given_name,
    middle_name,
    family_name,
    full_name,
    email,
    is_email_verified,
    is_email_deliverable,
    phone,
    birth_date,
    gender,
    street_address,
    city,
    region,
    postal_code,
    address_country,
    country,
    nearest_store_id,
    nearest_store_basis,
    nearest_store_km,
    favourite_store_id,
    cast(favourite_store_sale_count as bigint) as favourite_store_sale_count,
    company_name,
    job_title,
    account_id,
    account_name,
    account_industry,
    account_employee_count,
    cast(record_count as bigint) as record_count,
    cast(source_count as bigint) as source_count,
    sources,
    proven_record_count,
    weakest_link_bits,
    -- An imported order may be older than the record it arrived with.
    least(first_seen_at, first_order_at) as first_seen_at,
    greatest(last_seen_at, last_order_at) as last_seen_at,
    is_anonymous,
    acquisition_channel,
    acquisition_campaign,
    acquisition_basis,
    acquired_at,
    order_count,
    first_order_at,
    last_order_at,
    '{{ var("reporting_currency") }}' as reporting_currency,
    cast(net_revenue as decimal(18, 2)) as net_revenue,
    average_order_value,
    orders_last_365_days,
    cast(net_revenue_last_365_days as decimal(18, 2)) as net_revenue_last_365_days,
    unconverted_document_count,
    margin,
    margin_coverage,
    rfm_recency_score,
    rfm_frequency_score,
    rfm_monetary_score,
    rfm_segment,
    lifecycle_stage,
    email_opens_recent,
    email_clicks_recent,
    last_email_engaged_at,
    page_views_recent,
    last_web_visit_at,
    tickets_asked,
    last_ticket_at,
    declared_interests,
    inferred_interests,
    preferred_size,
    preferred_colour,
    nps_score,
    nps_answered_at,
    csat_score,
    csat_answered_at
from final
