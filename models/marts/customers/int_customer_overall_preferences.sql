{{ config(schema='intermediate', materialized='view') }}

-- What a customer says (declared) stands before what purchases tell (inferred).
with foremost_preferences as (
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

final as (
    select
        customer_id,
        max(case when preference = 'size' then preferred_value end) as preferred_size,
        max(case when preference = 'colour' then preferred_value end) as preferred_colour
    from plain_preferences
    group by customer_id
)

select * from final
