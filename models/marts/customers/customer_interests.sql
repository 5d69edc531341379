{{ config(cluster_by='customer_id') }}

with customer_ids as (
    select * from {{ ref('customer_ids') }}
),

answers as (
    {% if var('survey_enabled') %}
    select
        record_id,
        answered_at,
        {{ text_parts('interests', ';') }} as interest
    from {{ ref('stg_survey__responses') }}
    where interests is not null
    {% else %}
    {{ empty_rows({'record_id': 'varchar', 'answered_at': 'timestamp', 'interest': 'varchar'}) }}
    {% endif %}
),

declared as (
    select
        customer_ids.customer_id,
        lower(answers.interest) as interest,
        'declared' as origin,
        cast(1 as double) as strength,
        count(*) as evidence_count,
        max(answers.answered_at) as observed_at
    from answers
    inner join customer_ids on answers.record_id = customer_ids.record_id
    where answers.interest <> ''
    group by customer_ids.customer_id, lower(answers.interest)
),

purchases as (
    select
        customer_id,
        lower(product_category) as interest,
        count(distinct order_id) as order_count,
        max(ordered_at) as observed_at
    from {{ ref('order_lines') }}
    where
        customer_id is not null
        and product_category is not null
        and quantity > 0
        and not is_test
        and not is_cancelled
    group by customer_id, lower(product_category)
),

shared as (
    select
        *,
        cast(order_count as double) / sum(order_count) over (partition by customer_id) as strength,
        row_number() over (partition by customer_id order by order_count desc, observed_at desc nulls last, interest) as place
    from purchases
),

inferred as (
    select
        customer_id,
        interest,
        'inferred' as origin,
        strength,
        order_count as evidence_count,
        observed_at
    from shared
    -- One purchase may be a present; what is bought again is an interest.
    where order_count >= {{ var('interest_minimum_orders') | int }} and place <= {{ var('interest_top') | int }}
),

final as (
    select * from declared
    union all
    select * from inferred
)

select
    customer_id,
    interest,
    origin,
    strength,
    cast(evidence_count as bigint) as evidence_count,
    observed_at
from final
