{{ config(schema='intermediate', cluster_by='customer_id') }}

{#- What each source of behavior adds; the columns of a switched-off source stay, empty. -#}
{% set parts = {
    'int_customer_abandoned_carts': {'enabled': true, 'columns': {'recent_abandoned_carts': 'bigint'}},
    'int_customer_web_activity': {'enabled': var('segment_enabled'), 'columns': {'recent_page_views': 'bigint', 'recent_web_actions': 'bigint', 'last_web_visit_at': 'timestamp'}},
    'int_customer_email_activity': {'enabled': var('klaviyo_enabled'), 'columns': {'recent_emails_received': 'bigint', 'recent_email_opens': 'bigint', 'recent_email_clicks': 'bigint', 'last_email_engaged_at': 'timestamp'}},
    'int_customer_tickets': {'enabled': var('zendesk_enabled'), 'columns': {'ticket_count': 'bigint', 'open_ticket_count': 'bigint', 'last_ticket_at': 'timestamp'}},
} %}

with unioned as (
    {% for model, part in parts.items() if part.enabled %}
    select
        customer_id
        {%- for other, other_part in parts.items() %}
        {%- for column, type in other_part.columns.items() %},
        {{ column if other == model else 'cast(null as ' ~ engine_type(type) ~ ') as ' ~ column }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Each part has at most one row per customer, so the greatest value is the value.
final as (
    select
        customer_id
        {%- for model, part in parts.items() %}
        {%- for column in part.columns %},
        max({{ column }}) as {{ column }}
        {%- endfor %}
        {%- endfor %}
    from unioned
    group by customer_id
)

select
    customer_id
    {%- for model, part in parts.items() %}
    {%- for column in part.columns %},
    {{ column }}
    {%- endfor %}
    {%- endfor %}
from final
