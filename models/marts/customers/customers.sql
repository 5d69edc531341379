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

preferences as (
    select * from {{ ref('int_customer_overall_preferences') }}
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
        golden_values.customer_id,
        golden_values.given_name,
        golden_values.middle_name,
        golden_values.family_name,
        golden_values.full_name,
        golden_values.email,
        golden_values.is_email_verified,
        deliverability.is_deliverable as is_email_deliverable,
        golden_values.phone,
        golden_values.birth_date,
        golden_values.gender,
        golden_values.street_address,
        golden_values.city,
        golden_values.region,
        golden_values.postal_code,
        golden_values.address_country,
        golden_values.country,
        stores.nearest_store_id,
        stores.nearest_store_basis,
        stores.nearest_store_km,
        stores.favourite_store_id,
        cast(stores.favourite_store_sale_count as bigint) as favourite_store_sale_count,
        golden_values.company_name,
        golden_values.job_title,
        accounts.account_id,
        accounts.account_name,
        accounts.industry as account_industry,
        accounts.employee_count as account_employee_count,
        cast(golden_values.record_count as bigint) as record_count,
        cast(golden_values.source_count as bigint) as source_count,
        golden_values.sources,
        coalesce(identity_quality.proven_record_count, 0) as proven_record_count,
        identity_quality.weakest_link_bits,
        -- An imported order may be older than the record it arrived with.
        least(golden_values.first_seen_at, orders.first_order_at) as first_seen_at,
        greatest(golden_values.last_seen_at, orders.last_order_at) as last_seen_at,
        golden_values.is_anonymous,
        acquisition.acquisition_channel,
        acquisition.acquisition_campaign,
        acquisition.acquisition_basis,
        acquisition.acquired_at,
        coalesce(orders.order_count, 0) as order_count,
        orders.first_order_at,
        orders.last_order_at,
        '{{ var("reporting_currency") }}' as reporting_currency,
        cast(coalesce(orders.net_revenue, 0) as decimal(18, 2)) as net_revenue,
        orders.average_order_value,
        coalesce(orders.orders_last_365_days, 0) as orders_last_365_days,
        cast(coalesce(orders.net_revenue_last_365_days, 0) as decimal(18, 2)) as net_revenue_last_365_days,
        coalesce(orders.unconverted_document_count, 0) as unconverted_document_count,
        margins.margin,
        margins.margin_coverage,
        rfm.rfm_recency_score,
        rfm.rfm_frequency_score,
        rfm.rfm_monetary_score,
        rfm.rfm_segment,
        coalesce(lifecycle.lifecycle_stage, 'prospect') as lifecycle_stage,
        coalesce(behavior.recent_email_opens, 0) as recent_email_opens,
        coalesce(behavior.recent_email_clicks, 0) as recent_email_clicks,
        behavior.last_email_engaged_at,
        coalesce(behavior.recent_page_views, 0) as recent_page_views,
        behavior.last_web_visit_at,
        coalesce(behavior.ticket_count, 0) as ticket_count,
        behavior.last_ticket_at,
        interests.declared_interests,
        interests.inferred_interests,
        preferences.preferred_size,
        preferences.preferred_colour,
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

select * from final
