{{ config(materialized='view', schema='intermediate') }}
{#
    One row per value. A unit is one value: the parts of a name or an address are never judged apart. Completeness of a name: 2 given and family
    name, 1 anything less; of an address: 3 street, city and postal code, 2 a street and one of them, 1 a fragment.
#}
{% set singles = [
    ('email', 'email'), ('phone', 'phone'), ('secondary_phone', 'secondary_phone'), ('birth_date', "cast(birth_date as " ~ engine_type('varchar') ~ ")"),
    ('gender', 'gender'), ('country', 'country'), ('company_name', 'company_name'), ('job_title', 'job_title'),
] %}

with records as (
    select * from {{ ref('int_customer_records') }}
),

units as (
    select
        *,
        case
            when given_name is not null and family_name is not null then given_name || coalesce(' ' || middle_name, '') || ' ' || family_name
            else coalesce(full_name, given_name, family_name)
        end as name_value,
        case when given_name is not null and family_name is not null then 2 else 1 end as name_completeness,
        case
            when coalesce(street_address, city, postal_code) is not null
                then
                    coalesce(street_address, '-') || ', ' || coalesce(postal_code, '-') || ' ' || coalesce(city, '-')
                    || coalesce(', ' || region, '') || coalesce(', ' || country, '')
        end as address_value,
        case
            when street_address is not null and city is not null and postal_code is not null then 3
            when street_address is not null and coalesce(city, postal_code) is not null then 2
            else 1
        end as address_completeness
    from records
),

long as (
    {% for attribute, expression in singles %}
    select
        customer_id,
        record_id,
        source_name,
        last_seen_at,
        '{{ attribute }}' as attribute,
        {{ expression }} as value,
        1 as completeness,
        {{ 'is_email_verified' if attribute == 'email' else 'false' }} as is_verified
    from units
    where {{ attribute }} is not null
    union all
    {% endfor %}
    select
        customer_id,
        record_id,
        source_name,
        last_seen_at,
        'name' as attribute,
        name_value as value,
        name_completeness as completeness,
        false as is_verified
    from units
    where name_value is not null
    union all
    select
        customer_id,
        record_id,
        source_name,
        last_seen_at,
        'address' as attribute,
        address_value as value,
        address_completeness as completeness,
        false as is_verified
    from units
    where address_value is not null
),

partied as (
    select
        *,
        {{ party_of_source('source_name') }} as party
    from long
)

select
    customer_id,
    attribute,
    record_id,
    value,
    source_name,
    party,
    party = 'third' as is_third_party,
    last_seen_at as observed_at,
    is_verified,
    completeness
from partied
