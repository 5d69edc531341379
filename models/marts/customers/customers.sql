with golden_values as (
    select * from {{ ref('int_customer_golden_values') }}
),

orders as (
    select * from {{ ref('int_customer_orders') }}
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

final as (
    select
        golden_values.*,
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
    left join rfm
        on golden_values.customer_id = rfm.customer_id
    left join lifecycle
        on golden_values.customer_id = lifecycle.customer_id
    left join feedback
        on golden_values.customer_id = feedback.customer_id
    left join accounts
        on golden_values.customer_id = accounts.customer_id
)

select
    customer_id,
    given_name,
    middle_name,
    family_name,
    full_name,
    email,
    is_email_verified,
    phone,
    birth_date,
    gender,
    street_address,
    city,
    region,
    postal_code,
    address_country,
    country,
    company_name,
    job_title,
    account_id,
    account_name,
    account_industry,
    account_employee_count,
    cast(record_count as bigint) as record_count,
    cast(source_count as bigint) as source_count,
    sources,
    -- An imported order may be older than the record it arrived with.
    least(first_seen_at, first_order_at) as first_seen_at,
    greatest(last_seen_at, last_order_at) as last_seen_at,
    is_anonymous,
    order_count,
    first_order_at,
    last_order_at,
    '{{ var("reporting_currency") }}' as reporting_currency,
    cast(net_revenue as decimal(18, 2)) as net_revenue,
    average_order_value,
    orders_last_365_days,
    cast(net_revenue_last_365_days as decimal(18, 2)) as net_revenue_last_365_days,
    unconverted_document_count,
    rfm_recency_score,
    rfm_frequency_score,
    rfm_monetary_score,
    rfm_segment,
    lifecycle_stage,
    nps_score,
    nps_answered_at,
    csat_score,
    csat_answered_at
from final
