{{ config(schema='intermediate', materialized='view') }}

select
    customer_id,
    upper(country) as country,
    coalesce({{ postal_key('postal_code') }}, '') as postal_key,
    coalesce({{ town_key('city') }}, '') as town_key
from {{ ref('int_customer_golden_values') }}
where country is not null and coalesce(postal_code, city) is not null
