{# What an increment of the facts on behavior restates, each found in the changes of what the model reads (macros/incremental). #}

{# Events that are new, changed or gone; those of accounts, devices and records that are somebody else's now; the few of orders and help desk. #}
{% macro touched_events() %}
    {%- set parts = [] -%}
    {%- if var('segment_enabled') -%}
        {%- for kind, model in [('page', 'stg_segment__pages'), ('track', 'stg_segment__tracks')] -%}
            {%- set key = "'segment:" ~ kind ~ ":' || event_id as event_id" -%}
            {%- do parts.append("select " ~ key ~ " from " ~ restated_changes(model)) -%}
            {%- do parts.append(
                "select " ~ key ~ " from " ~ ref(model) ~ " where user_id in (select identifier_value from " ~ restated_changes('int_sole_identifiers')
                ~ " where identifier_type = 'user_id')"
            ) -%}
            {%- for type in device_identifier_types() -%}
                {%- do parts.append(
                    "select " ~ key ~ " from " ~ ref(model) ~ " where user_id is null and " ~ type ~ " in (select identifier from "
                    ~ restated_changes('customer_devices') ~ " where identifier_type = '" ~ type ~ "')"
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if var('klaviyo_enabled') -%}
        {%- do parts.append("select 'klaviyo:event:' || event_id as event_id from " ~ restated_changes('stg_klaviyo__events')) -%}
        {%- do parts.append(
            "select 'klaviyo:event:' || event_id as event_id from " ~ ref('stg_klaviyo__events')
            ~ " where record_id in (select record_id from " ~ restated_changes('int_record_customers') ~ ")"
        ) -%}
        {#- A campaign that got another name. -#}
        {%- do parts.append(
            "select stored.event_id from " ~ this ~ " as stored left join " ~ ref('stg_klaviyo__campaigns')
            ~ " as campaigns on stored.reference_id = 'klaviyo:campaign:' || campaigns.campaign_id where stored.source_name = 'klaviyo'"
            ~ " and stored.reference_id is not null and stored.campaign_name is distinct from campaigns.campaign_name"
        ) -%}
    {%- endif -%}
    {%- do parts.append("select order_id as event_id from " ~ restated_changes('orders')) -%}
    {%- if var('shopify_enabled') -%}
        {%- do parts.append("select event_id from " ~ ref('int_refund_events')) -%}
        {%- do parts.append("select event_id from " ~ this ~ " where event_type = 'order_refunded' and source_name = 'shopify'") -%}
    {%- endif -%}
    {%- if var('zendesk_enabled') -%}
        {%- do parts.append("select event_id from " ~ ref('int_ticket_events')) -%}
        {%- do parts.append("select event_id from " ~ this ~ " where source_name = 'zendesk'") -%}
    {%- endif -%}
    {{ return(parts | join('\nunion\n')) }}
{% endmacro %}

{# All visits of whoever has new, changed or lost events. #}
{% macro touched_sessions() %}
select distinct visitor_id from {{ restated_changes('events') }} as changes where visitor_id is not null
{% endmacro %}

{# All journeys of customers with other visits, clicks or orders than before. #}
{% macro touched_journeys() %}
select customer_id from {{ restated_changes('sessions') }} as visits where customer_id is not null
union
select customer_id from {{ restated_changes('events') }} as clicks where event_type = 'clicked_email' and customer_id is not null
union
select customer_id from {{ restated_changes('orders') }} as sales where customer_id is not null
{% endmacro %}

{# Orders that changed, or whose journey did, and returns of such orders. #}
{% macro touched_attribution() %}
with changed as (
    select order_id from {{ restated_changes('orders') }} as documents
    union
    select order_id from {{ restated_changes('journeys') }} as touchpoints
    {% if var('pos_enabled') %}
    union
    select 'pos:' || receipt_id as order_id from {{ restated_changes('stg_pos__receipts') }} as receipts
    {% endif %}
)

select order_id from changed
{% if var('pos_enabled') %}
union
select 'pos:' || receipt_id as order_id
from {{ ref('stg_pos__receipts') }}
where 'pos:' || returned_receipt_id in (select order_id from changed)
{% endif %}
{% endmacro %}
