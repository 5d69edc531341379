{{ config(schema='intermediate', cluster_by='customer_id') }}

-- A record dated after tomorrow (a placeholder, a clock that is wrong) would be the most recent for ever; unless the data as a whole are.
with horizon as (
    select greatest({{ tomorrow() }}, coalesce({{ dbt.dateadd('day', 1, 'max(as_of_at)') }}, {{ tomorrow() }})) as latest_at
    from {{ ref('as_of_time') }}
),

records as (
    select
        stated.*,
        case when stated.created_at <= horizon.latest_at then stated.created_at end as believed_created_at,
        case when stated.updated_at <= horizon.latest_at then stated.updated_at end as believed_updated_at
    from {{ ref('identity_records') }} as stated
    cross join horizon
),

customer_ids as (
    select * from {{ ref('customer_ids') }}
),

final as (
    select
        customer_ids.customer_id,
        records.record_id,
        records.source_name,
        records.given_name,
        records.middle_name,
        records.family_name,
        records.full_name,
        records.birth_date,
        records.gender,
        records.email,
        records.phone,
        records.secondary_phone,
        records.street_address,
        records.city,
        records.region,
        records.postal_code,
        records.country,
        records.company_name,
        records.job_title,
        coalesce(records.is_email_verified, false) as is_email_verified,
        coalesce(records.believed_created_at, records.believed_updated_at) as first_seen_at,
        coalesce(records.believed_updated_at, records.believed_created_at) as last_seen_at
    from records
    inner join customer_ids
        on records.record_id = customer_ids.record_id
)

select
    customer_id,
    record_id,
    source_name,
    given_name,
    middle_name,
    family_name,
    full_name,
    birth_date,
    gender,
    email,
    phone,
    secondary_phone,
    street_address,
    city,
    region,
    postal_code,
    country,
    company_name,
    job_title,
    is_email_verified,
    first_seen_at,
    last_seen_at
from final
