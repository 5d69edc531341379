{{ config(cluster_by='customer_id') }}

{% set parts = [] %}
{% if var('klaviyo_enabled') %}{% do parts.append('messages') %}{% endif %}
{% if var('zendesk_enabled') %}{% do parts.append('tickets') %}{% endif %}
{% if var('survey_enabled') %}{% do parts.append('answers') %}{% endif %}
{% if var('salesforce_enabled') %}{% do parts.append('sales_tasks') %}{% endif %}

with customer_ids as (
    select * from {{ ref('customer_ids') }}
),

{% if 'messages' in parts %}
message_events as (
    select
        event_id,
        record_id,
        campaign_id,
        occurred_at,
        case when {{ event_word('event_type') }} like '%sms' then 'sms' else 'email' end as channel,
        {{ event_word('event_type') }} in ('received_email', 'received_sms') as is_sent
    from {{ ref('stg_klaviyo__events') }}
    where {{ event_word('event_type') }} in ('received_email', 'opened_email', 'clicked_email', 'received_sms', 'clicked_sms')
),

-- A message is answered by its first open or click before the campaign is sent again. Without a campaign nothing says which message was
-- opened.
answered as (
    select
        event_id,
        min(case when not is_sent then occurred_at end) over (
            partition by record_id, campaign_id, channel, sending_number
        ) as responded_at
    from (
        select
            *,
            count(case when is_sent then event_id end) over (
                partition by record_id, campaign_id, channel
                order by occurred_at, case when is_sent then 0 else 1 end, event_id
                rows between unbounded preceding and current row
            ) as sending_number
        from message_events
        where
            campaign_id is not null
            and record_id is not null
    ) as numbered
    where sending_number > 0
),

messages as (
    select
        'klaviyo:event:' || sent.event_id as interaction_id,
        'klaviyo' as source_name,
        sent.channel,
        'outbound' as direction,
        sent.record_id,
        sent.occurred_at as started_at,
        answered.responded_at,
        cast(null as timestamp) as closed_at,
        campaigns.subject
    from message_events as sent
    left join answered on sent.event_id = answered.event_id
    left join {{ ref('stg_klaviyo__campaigns') }} as campaigns on sent.campaign_id = campaigns.campaign_id
    where sent.is_sent
),

{% endif %}
{% if 'tickets' in parts %}
tickets as (
    select
        'zendesk:ticket:' || ticket_id as interaction_id,
        'zendesk' as source_name,
        coalesce(lower(channel), 'unknown') as channel,
        'inbound' as direction,
        record_id,
        created_at as started_at,
        cast(null as timestamp) as responded_at,
        case when lower(status) in ('solved', 'closed') and updated_at >= created_at then updated_at end as closed_at,
        subject
    from {{ ref('stg_zendesk__tickets') }}
),

{% endif %}
{% if 'answers' in parts %}
answers as (
    select
        'survey:response:' || response_id as interaction_id,
        'survey' as source_name,
        'survey' as channel,
        'inbound' as direction,
        record_id,
        answered_at as started_at,
        cast(null as timestamp) as responded_at,
        cast(null as timestamp) as closed_at,
        survey_type as subject
    from {{ ref('stg_survey__responses') }}
),

{% endif %}
{% if 'sales_tasks' in parts %}
sales_tasks as (
    select
        'salesforce:task:' || task_id as interaction_id,
        'salesforce' as source_name,
        'sales ' || coalesce(task_type, 'task') as channel,
        'outbound' as direction,
        record_id,
        occurred_at as started_at,
        cast(null as timestamp) as responded_at,
        cast(null as timestamp) as closed_at,
        subject
    from {{ ref('stg_salesforce__tasks') }}
    where record_id is not null
),

{% endif %}
contacts as (
    {% for part in parts %}
    select * from {{ part }}
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({
        'interaction_id': 'varchar', 'source_name': 'varchar', 'channel': 'varchar', 'direction': 'varchar', 'record_id': 'varchar',
        'started_at': 'timestamp', 'responded_at': 'timestamp', 'closed_at': 'timestamp', 'subject': 'varchar',
    }) }}
    {% endfor %}
),

final as (
    select
        contacts.*,
        customer_ids.customer_id
    from contacts
    left join customer_ids on contacts.record_id = customer_ids.record_id
)

select
    interaction_id,
    source_name,
    channel,
    direction,
    customer_id,
    subject,
    started_at,
    responded_at,
    closed_at,
    cast({{ dbt.datediff('started_at', 'responded_at', 'minute') }} / 60.0 as decimal(18, 2)) as hours_to_response,
    cast({{ dbt.datediff('started_at', 'closed_at', 'minute') }} / 60.0 as decimal(18, 2)) as hours_to_close
from final
