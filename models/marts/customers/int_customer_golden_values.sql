{{ config(schema='intermediate', cluster_by='customer_id') }}
{% set singles = ['email', 'phone', 'secondary_phone', 'birth_date', 'gender', 'country', 'company_name', 'job_title'] %}

with records as (
    select * from {{ ref('int_customer_records') }}
),

winners as (
    select
        customer_id,
        {% for attribute in singles %}
        max(value) filter (where attribute = '{{ attribute }}') as {{ attribute }},
        {% endfor %}
        bool_or(is_verified) filter (where attribute = 'email') as is_email_verified,
        max(record_id) filter (where attribute = 'name') as name_record_id,
        max(record_id) filter (where attribute = 'address') as address_record_id
    from {{ ref('customer_attributes') }}
    where is_winner
    group by customer_id
),

customers as (
    select
        customer_id,
        count(*) as record_count,
        count(distinct source_name) as source_count,
        {{ sorted_list('source_name') }} as sources,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from records
    group by customer_id
),

-- Units are joined back by record, so that they keep their gaps: a street never meets another record's city.
final as (
    select
        customers.*,
        winners.email,
        winners.is_email_verified,
        winners.phone,
        winners.secondary_phone,
        winners.birth_date,
        winners.gender,
        winners.country,
        winners.company_name,
        winners.job_title,
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
    from customers
    left join winners
        on customers.customer_id = winners.customer_id
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
    cast(birth_date as date) as birth_date,
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
