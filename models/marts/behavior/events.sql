{{ config(
    materialized='incremental',
    cluster_by='customer_id',
    incremental_strategy='restate',
    unique_key='event_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {
        'touched_by': 'event_id',
        'inputs': ['stg_segment__tracks', 'stg_segment__pages', 'stg_klaviyo__events', 'int_sole_identifiers', 'customer_devices', 'int_record_customers', 'orders'],
        'macros': ['resolved_web_events', 'visitor_id'] if var('segment_enabled') else ['visitor_id'],
        'logged': {
            'event_type': 'event_type',
            'customer_id': 'customer_id',
            'visitor_id': visitor_id(),
        },
    }}
) }}
{#
    A part for each kind of event, all of one shape. The customer of a part is who it was when it happened: of web and app events by the account or
    the device at that time (int_web_events), of all others by the record that the source names.
#}
{% set touched = restate_touched() if is_incremental() else none %}
{% set parts = [] %}
{% if var('segment_enabled') %}{% do parts.append('web') %}{% endif %}
{% if var('klaviyo_enabled') %}{% do parts.append('emails') %}{% endif %}
{% if var('zendesk_enabled') %}{% do parts.append('tickets') %}{% endif %}
{% if var('shopify_enabled') %}{% do parts.append('refunds') %}{% endif %}

{# What an increment reads to find the events it restates. #}
-- depends_on: {{ ref('int_record_customers') }}
-- depends_on: {{ ref('int_sole_identifiers') }}
-- depends_on: {{ ref('customer_devices') }}
{% if 'web' in parts %}
-- depends_on: {{ ref('stg_segment__pages') }}
-- depends_on: {{ ref('stg_segment__tracks') }}
{% endif %}

with customer_ids as (
    select * from {{ ref('customer_ids') }}
),

orders as (
    select * from {{ ref('orders') }}
),

{% if 'web' in parts %}
web as (
    select
        'segment:' || event_kind || ':' || event_id as event_id,
        'segment' as source_name,
        case when {{ text_matches('lower(library_name)', 'ios|android|swift|kotlin|react.native|flutter') }} then 'app' else 'web' end as channel,
        case when event_kind = 'page' then 'page_viewed' else coalesce({{ event_word('event_name') }}, 'unnamed') end as event_type,
        customer_id,
        anonymous_id,
        device_id,
        occurred_at,
        received_at,
        page_path,
        case
            when {{ url_domain('referrer_url') }} <> {{ url_domain('page_url') }} or page_url is null then {{ url_domain('referrer_url') }}
        end as referrer_domain,
        campaign_source,
        campaign_medium,
        campaign_name,
        cast(null as string) as reference_id,
        cast(null as decimal(18, 4)) as amount,
        cast(null as string) as currency
    from {{ '(' ~ resolved_web_events(touched) ~ ') as web_events' if touched else ref('int_web_events') }}
),

{% endif %}
{% if 'emails' in parts %}
emails as (
    select
        'klaviyo:event:' || emails.event_id as event_id,
        'klaviyo' as source_name,
        case when lower(emails.event_type) like '%sms%' then 'sms' else 'email' end as channel,
        coalesce({{ event_word('emails.event_type') }}, 'unnamed') as event_type,
        customer_ids.customer_id,
        emails.occurred_at,
        campaigns.campaign_name,
        'klaviyo:campaign:' || emails.campaign_id as reference_id
    from {{ ref('stg_klaviyo__events') }} as emails
    left join customer_ids on emails.record_id = customer_ids.record_id
    left join {{ ref('stg_klaviyo__campaigns') }} as campaigns on emails.campaign_id = campaigns.campaign_id
    {%- if touched %}
    where 'klaviyo:event:' || emails.event_id in (select event_id from {{ touched }})
    {%- endif %}
),

{% endif %}
{% if 'tickets' in parts %}
tickets as (
    select * from {{ ref('int_ticket_events') }}
),

{% endif %}
{% if 'refunds' in parts %}
refunds as (
    select * from {{ ref('int_refund_events') }}
),

{% endif %}
documents as (
    select
        order_id as event_id,
        source_name,
        case when sales_channel = 'store' then 'store' else 'shop' end as channel,
        case order_kind when 'sale' then 'order_placed' when 'return' then 'order_returned' else 'order_refunded' end as event_type,
        customer_id,
        ordered_at as occurred_at,
        order_id as reference_id,
        case when order_kind = 'refund' then net_amount else gross_amount end as amount,
        currency
    from orders
    where not is_test{{ ' and order_id in (select event_id from ' ~ touched ~ ')' if touched }}
),

final as (
    {% set own_columns = {
        'emails': ['campaign_name'],
        'refunds': ['amount', 'currency'],
        'documents': ['amount', 'currency'],
    } %}
    {% set optional = {
        'anonymous_id': 'varchar', 'device_id': 'varchar', 'received_at': 'timestamp', 'page_path': 'varchar', 'referrer_domain': 'varchar',
        'campaign_source': 'varchar', 'campaign_medium': 'varchar', 'campaign_name': 'varchar', 'amount': 'decimal(18, 4)', 'currency': 'varchar',
    } %}
    {% for part in parts + ['documents'] %}
    select
        event_id,
        source_name,
        channel,
        event_type,
        {% for name, type in optional.items() %}
        {{ name if part == 'web' or name in own_columns.get(part, []) else "cast(null as " ~ engine_type(type) ~ ") as " ~ name }},
        {% endfor %}
        customer_id,
        occurred_at,
        reference_id
    from {{ part }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    event_id,
    source_name,
    channel,
    event_type,
    customer_id,
    occurred_at,
    received_at,
    anonymous_id,
    device_id,
    page_path,
    referrer_domain,
    campaign_source,
    campaign_medium,
    campaign_name,
    reference_id,
    cast(amount as decimal(18, 4)) as amount,
    currency
from final
