{% set parts = [] %}
{% if var('survey_enabled') %}{% do parts.append('answers') %}{% endif %}
{% if var('zendesk_enabled') %}{% do parts.append('ratings') %}{% do parts.append('tickets') %}{% endif %}

with customer_ids as (
    select * from {{ ref('customer_ids') }}
),

{% if 'answers' in parts %}
answers as (
    select
        'survey:response:' || response_id as feedback_id,
        'survey' as source_name,
        survey_type as feedback_type,
        record_id,
        cast(null as {{ engine_type('varchar') }}) as reference_id,
        answered_at as given_at,
        cast(score as decimal(9, 2)) as score,
        case
            when score is null then null
            when survey_type = 'nps' and score >= {{ var('nps_promoter_minimum') }} then 'positive'
            when survey_type = 'nps' and score <= {{ var('nps_detractor_maximum') }} then 'negative'
            when survey_type in ('csat', 'review') and score >= 4 then 'positive'
            when survey_type in ('csat', 'review') and score <= 2 then 'negative'
            else 'neutral'
        end as sentiment,
        comment as text_content
    from {{ ref('stg_survey__responses') }}
    -- A profile survey asks who somebody is, not what they think of us.
    where survey_type in ('nps', 'csat', 'review')
),

{% endif %}
{% if 'ratings' in parts %}
ratings as (
    select
        'zendesk:rating:' || satisfaction_rating_id as feedback_id,
        'zendesk' as source_name,
        'ticket_rating' as feedback_type,
        record_id,
        'zendesk:ticket:' || ticket_id as reference_id,
        created_at as given_at,
        cast(case score when 'good' then 1 else 0 end as decimal(9, 2)) as score,
        case score when 'good' then 'positive' else 'negative' end as sentiment,
        comment as text_content
    from {{ ref('stg_zendesk__satisfaction_ratings') }}
    where score in ('good', 'bad')
),

tickets as (
    select
        'zendesk:ticket:' || ticket_id as feedback_id,
        'zendesk' as source_name,
        'ticket' as feedback_type,
        record_id,
        'zendesk:ticket:' || ticket_id as reference_id,
        created_at as given_at,
        cast(null as decimal(9, 2)) as score,
        cast(null as {{ engine_type('varchar') }}) as sentiment,
        coalesce(description, subject) as text_content
    from {{ ref('stg_zendesk__tickets') }}
),

{% endif %}
given as (
    {% for part in parts %}
    select * from {{ part }}
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({
        'feedback_id': 'varchar', 'source_name': 'varchar', 'feedback_type': 'varchar', 'record_id': 'varchar', 'reference_id': 'varchar',
        'given_at': 'timestamp', 'score': 'decimal(9, 2)', 'sentiment': 'varchar', 'text_content': 'varchar',
    }) }}
    {% endfor %}
),

final as (
    select
        given.*,
        customer_ids.customer_id
    from given
    left join customer_ids on given.record_id = customer_ids.record_id
)

select
    feedback_id,
    source_name,
    feedback_type,
    customer_id,
    given_at,
    score,
    sentiment,
    text_content,
    reference_id
from final
