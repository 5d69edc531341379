{{ config(schema='intermediate') }}

with responses as (
    {% if var('survey_enabled') %}
    select
        record_id,
        response_id,
        survey_type,
        score,
        answered_at
    from {{ ref('stg_survey__responses') }}
    where score is not null
    {% else %}
    {{ empty_rows({
        'record_id': 'varchar', 'response_id': 'varchar', 'survey_type': 'varchar', 'score': 'decimal(18, 4)', 'answered_at': 'timestamp',
    }) }}
    {% endif %}
),

customer_ids as (
    select * from {{ ref('customer_ids') }}
),

numbered as (
    select
        customer_ids.customer_id,
        responses.survey_type,
        responses.score,
        responses.answered_at,
        row_number() over (
            partition by customer_ids.customer_id, responses.survey_type
            order by responses.answered_at desc nulls last, responses.response_id desc
        ) as answers_back
    from responses
    inner join customer_ids
        on responses.record_id = customer_ids.record_id
),

final as (
    select
        customer_id,
        max(score) filter (where survey_type = 'nps') as nps_score,
        max(answered_at) filter (where survey_type = 'nps') as nps_answered_at,
        max(score) filter (where survey_type = 'csat') as csat_score,
        max(answered_at) filter (where survey_type = 'csat') as csat_answered_at
    from numbered
    where answers_back = 1
    group by customer_id
)

select
    customer_id,
    cast(nps_score as integer) as nps_score,
    nps_answered_at,
    cast(csat_score as decimal(18, 4)) as csat_score,
    csat_answered_at
from final
