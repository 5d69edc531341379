with declared as (
    select
        customer_id,
        preference,
        product_category,
        preferred_value,
        'declared' as origin,
        cast(1 as double) as strength,
        cast(1 as bigint) as evidence_count,
        answered_at as observed_at
    from {{ ref('int_customer_declared_preferences') }}
),

inferred as (
    select
        customer_id,
        preference,
        product_category,
        preferred_value,
        'inferred' as origin,
        strength,
        cast(order_count as bigint) as evidence_count,
        last_ordered_at as observed_at
    from {{ ref('int_customer_inferred_preferences') }}
),

final as (
    select * from declared
    union all
    select * from inferred
)

select * from final
