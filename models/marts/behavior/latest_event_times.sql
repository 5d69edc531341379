{#-
    A time that a client stamped may lie in the future; the time of receipt caps it where there is one. What lies after tomorrow has not
    happened; it counts only where all that any source tells of does, as on a machine whose clock is wrong.
-#}
{% set clocks = [
    ('shopify', 'stg_shopify__orders', 'ordered_at'),
    ('pos', 'stg_pos__receipts', 'sold_at'),
    ('segment', 'stg_segment__tracks', 'least(occurred_at, received_at)'),
    ('segment', 'stg_segment__pages', 'least(occurred_at, received_at)'),
    ('klaviyo', 'stg_klaviyo__events', 'occurred_at'),
    ('zendesk', 'stg_zendesk__tickets', 'created_at'),
    ('survey', 'stg_survey__responses', 'answered_at'),
    ('consent', 'stg_consent__banner_events', 'event_at'),
    ('consent', 'stg_consent__preference_events', 'event_at'),
    ('hubspot', 'stg_hubspot__contacts', 'updated_at'),
    ('salesforce', 'stg_salesforce__contacts', 'updated_at'),
    ('salesforce', 'stg_salesforce__leads', 'updated_at'),
] %}

with event_times as (
    {% for source, model, time in clocks if var(source ~ '_enabled') %}
    select
        '{{ source }}' as source_name,
        '{{ model }}' as model_name,
        max(case when {{ time }} <= {{ tomorrow() }} then {{ time }} end) as happened_at,
        max({{ time }}) as stamped_at
    from {{ ref(model) }}
    union all
    {% endfor %}
    -- Keeps the table typed when every source is switched off.
    {{ empty_rows({'source_name': 'varchar', 'model_name': 'varchar', 'happened_at': 'timestamp', 'stamped_at': 'timestamp'}) }}
),

dated as (
    select
        source_name,
        model_name,
        case when max(happened_at) over () is null then stamped_at else happened_at end as latest_event_at
    from event_times
)

select
    source_name,
    model_name,
    latest_event_at
from dated
where latest_event_at is not null
