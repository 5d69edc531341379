{{ config(schema='intermediate') }}

with records as (
    select * from {{ ref('int_customer_records') }}
),

-- Incomplete names and addresses stand behind complete ones, however recent they are.
ranked as (
    select
        *,
        case
            when given_name is not null and family_name is not null then record_rank
            when coalesce(given_name, family_name, full_name) is not null then record_rank + 1000000000
        end as name_rank,
        case
            when street_address is not null and coalesce(city, postal_code) is not null then record_rank
            when coalesce(street_address, city, postal_code) is not null then record_rank + 1000000000
        end as address_rank
    from records
),

winners as (
    select
        customer_id,
        min_by(record_id, name_rank) filter (where name_rank is not null) as name_record_id,
        min_by(record_id, address_rank) filter (where address_rank is not null) as address_record_id,
        min_by(email, email_rank) filter (where email is not null) as email,
        min_by(is_email_verified, email_rank) filter (where email is not null) as is_email_verified,
        min_by(phone, record_rank) filter (where phone is not null) as phone,
        min_by(secondary_phone, record_rank) filter (where secondary_phone is not null) as secondary_phone,
        min_by(birth_date, record_rank) filter (where birth_date is not null) as birth_date,
        min_by(gender, record_rank) filter (where gender is not null) as gender,
        min_by(country, record_rank) filter (where country is not null) as country,
        min_by(company_name, record_rank) filter (where company_name is not null) as company_name,
        min_by(job_title, record_rank) filter (where job_title is not null) as job_title,
        count(*) as record_count,
        count(distinct source_name) as source_count,
        {{ sorted_list('source_name') }} as sources,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from ranked
    group by customer_id
),

-- Joined back by record, so that a unit keeps its gaps: a street never meets another record's city.
final as (
    select
        winners.*,
        name_records.given_name,
        name_records.middle_name,
        name_records.family_name,
        case
            when name_records.given_name is not null and name_records.family_name is not null
                then name_records.given_name || ' ' || name_records.family_name
            else coalesce(name_records.full_name, name_records.given_name, name_records.family_name)
        end as full_name,
        address_records.street_address,
        address_records.city,
        address_records.region,
        address_records.postal_code,
        address_records.country as address_country
    from winners
    left join records as name_records
        on winners.name_record_id = name_records.record_id
    left join records as address_records
        on winners.address_record_id = address_records.record_id
)

select
    customer_id,
    given_name,
    middle_name,
    family_name,
    full_name,
    email,
    coalesce(is_email_verified, false) as is_email_verified,
    coalesce(phone, secondary_phone) as phone,
    birth_date,
    gender,
    street_address,
    city,
    region,
    postal_code,
    address_country,
    coalesce(address_country, country) as country,
    company_name,
    job_title,
    record_count,
    source_count,
    sources,
    first_seen_at,
    last_seen_at,
    coalesce(email, phone, secondary_phone, full_name) is null as is_anonymous
from final
