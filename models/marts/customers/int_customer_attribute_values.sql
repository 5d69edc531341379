{{ config(materialized='view', schema='intermediate') }}
{#
    One row per value. A unit is one value: the parts of a name or an address are never judged apart. Completeness of a name: 2 given and family
    name, 1 anything less; of an address: 3 street, city and postal code, 2 a street and one of them, 1 a fragment.
#}
{% set singles = [
    ('email', 'email'), ('phone', 'phone'), ('secondary_phone', 'secondary_phone'), ('birth_date', "cast(birth_date as string)"),
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

-- A name or an address is rectified as a whole; a country is an attribute of its own beside being part of an address.
rectified_units as (
    select
        record_id,
        unit as attribute,
        max(rectified_at) as rectified_at
    from {{ ref('identity_rectifications') }}
    where status = 'applied'
    group by record_id, unit
    union all
    select
        record_id,
        attribute,
        rectified_at
    from {{ ref('identity_rectifications') }}
    where
        status = 'applied'
        and attribute = 'country'
),

rectified as (
    select
        record_id,
        attribute,
        dense_rank() over (order by rectified_at) as rectification_rank
    from rectified_units
),

-- What was put right is the person's own word, whosever record it stands in.
partied as (
    select
        long.*,
        rectified.rectification_rank,
        case when rectified.record_id is not null then 'zero' else {{ party_of_source('long.source_name') }} end as party
    from long
    left join rectified
        on
            long.record_id = rectified.record_id
            and long.attribute = rectified.attribute
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
    completeness,
    rectification_rank
from partied
