{{ config(schema='intermediate', materialized='view') }}

with customer_ids as (
    select * from {{ ref('customer_ids') }}
),

answers as (
    {% if var('survey_enabled') %}
    {% for preference, normalized in [('size', 'upper(preferred_size)'), ('colour', 'lower(preferred_colour)')] %}
    select
        record_id,
        response_id,
        answered_at,
        '{{ preference }}' as preference,
        coalesce(lower(preference_category), 'all goods') as product_category,
        {{ normalized }} as preferred_value
    from {{ ref('stg_survey__responses') }}
    where preferred_{{ preference }} is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
    {% else %}
    {{ empty_rows({
        'record_id': 'varchar', 'response_id': 'varchar', 'answered_at': 'timestamp', 'preference': 'varchar', 'product_category': 'varchar',
        'preferred_value': 'varchar',
    }) }}
    {% endif %}
),

final as (
    select
        customer_ids.customer_id,
        answers.preference,
        answers.product_category,
        answers.preferred_value,
        answers.answered_at
    from answers
    inner join customer_ids on answers.record_id = customer_ids.record_id
    -- Tastes change: the latest answer counts.
    qualify row_number() over (
        partition by customer_ids.customer_id, answers.preference, answers.product_category
        order by answers.answered_at desc nulls last, answers.response_id desc
    ) = 1
)

select * from final
