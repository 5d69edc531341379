{{ config(cluster_by='customer_id') }}

{% set parts = [] %}
{% if var('survey_enabled') %}{% do parts.append('answers') %}{% endif %}
{% if var('reviews_enabled') %}{% do parts.append('reviews') %}{% do parts.append('comments') %}{% endif %}
{% if var('zendesk_enabled') %}{% do parts.append('ratings') %}{% do parts.append('tickets') %}{% endif %}

with customer_ids as (
    select * from {{ ref('customer_ids') }}
),

identifiers as (
    select * from {{ ref('int_sole_identifiers') }}
),

{% if 'answers' in parts %}
answers as (
    select
        'survey:response:' || response_id as feedback_id,
        'survey' as source_name,
        case when survey_type in ('nps', 'csat', 'review') then survey_type else 'other_survey' end as feedback_type,
        record_id,
        cast(null as string) as user_id,
        cast(null as string) as email,
        case when survey_type not in ('nps', 'csat', 'review') then 'survey:' || survey_type end as reference_id,
        answered_at as given_at,
        score,
        cast(null as string) as stated_sentiment,
        comment as text_content
    from {{ ref('stg_survey__responses') }}
    -- A profile survey asks who somebody is, not what they think of us.
    where coalesce(survey_type, '') <> 'profile'
),

{% endif %}
{% if 'reviews' in parts %}
-- On the scale of satisfaction, from 1 to 5. What is no rating on its own scale says nothing.
reviews as (
    select
        'reviews:review:' || review_id as feedback_id,
        'reviews' as source_name,
        'review' as feedback_type,
        cast(null as string) as record_id,
        user_id,
        email,
        coalesce('shopify:product:' || product_id, 'sku:' || sku) as reference_id,
        created_at as given_at,
        cast(case
            when rating_max > 1 and rating between 0 and rating_max then greatest(1, 1 + 4 * (rating - 1) / (rating_max - 1))
        end as decimal(18, 4)) as score,
        cast(null as string) as stated_sentiment,
        coalesce(subject || ': ' || comment, comment, subject) as text_content
    from {{ ref('stg_reviews__reviews') }}
),

comments as (
    select
        'reviews:comment:' || social_comment_id as feedback_id,
        'reviews' as source_name,
        'social_comment' as feedback_type,
        cast(null as string) as record_id,
        user_id,
        email,
        'network:' || network as reference_id,
        created_at as given_at,
        cast(null as decimal(18, 4)) as score,
        case when sentiment in ('positive', 'neutral', 'negative') then sentiment end as stated_sentiment,
        comment as text_content
    from {{ ref('stg_reviews__social_comments') }}
),

{% endif %}
{% if 'ratings' in parts %}
ratings as (
    select
        'zendesk:rating:' || satisfaction_rating_id as feedback_id,
        'zendesk' as source_name,
        'ticket_rating' as feedback_type,
        record_id,
        cast(null as string) as user_id,
        cast(null as string) as email,
        'zendesk:ticket:' || ticket_id as reference_id,
        created_at as given_at,
        cast(case score when 'good' then 1 else 0 end as decimal(18, 4)) as score,
        case score when 'good' then 'positive' else 'negative' end as stated_sentiment,
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
        cast(null as string) as user_id,
        cast(null as string) as email,
        'zendesk:ticket:' || ticket_id as reference_id,
        created_at as given_at,
        cast(null as decimal(18, 4)) as score,
        cast(null as string) as stated_sentiment,
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
        'feedback_id': 'varchar', 'source_name': 'varchar', 'feedback_type': 'varchar', 'record_id': 'varchar', 'user_id': 'varchar',
        'email': 'varchar', 'reference_id': 'varchar', 'given_at': 'timestamp', 'score': 'decimal(18, 4)', 'stated_sentiment': 'varchar',
        'text_content': 'varchar',
    }) }}
    {% endfor %}
),

-- Reviews and comments are nobody's record: they belong to the only customer that has their identifier.
final as (
    select
        given.*,
        coalesce(customer_ids.customer_id, users.customer_id, mailboxes.customer_id) as customer_id,
        case
            -- What has a scale that nobody declared has a score, but not one that says how content somebody was.
            when given.stated_sentiment is not null or given.score is null or given.feedback_type = 'other_survey' then given.stated_sentiment
            when given.feedback_type = 'nps' and given.score >= {{ var('nps_promoter_minimum') }} then 'positive'
            when given.feedback_type = 'nps' and given.score <= {{ var('nps_detractor_maximum') }} then 'negative'
            when given.feedback_type in ('csat', 'review') and given.score >= 4 then 'positive'
            when given.feedback_type in ('csat', 'review') and given.score <= 2 then 'negative'
            else 'neutral'
        end as sentiment
    from given
    left join customer_ids on given.record_id = customer_ids.record_id
    left join identifiers as users on users.identifier_type = 'user_id' and given.user_id = users.identifier_value
    left join identifiers as mailboxes on mailboxes.identifier_type = 'email' and given.email = mailboxes.identifier_value
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
