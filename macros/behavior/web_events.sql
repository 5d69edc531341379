{#
    Page views and tracked actions with the customer of their time. `touched`: a relation with the event_id, as in events, of those wanted;
    none for all. The restriction comes before the joins, so that a few events cost little.
#}
{% macro resolved_web_events(touched=none) %}
with events as (
    {% for kind, model, name, referrer in [
        ('page', 'stg_segment__pages', 'page_name', 'referrer_url'),
        ('track', 'stg_segment__tracks', 'event_name', "cast(null as string)"),
    ] %}
    select
        event_id,
        '{{ kind }}' as event_kind,
        {{ name }} as event_name,
        user_id,
        anonymous_id,
        device_id,
        device_type,
        library_name,
        page_path,
        page_url,
        {{ referrer }} as referrer_url,
        campaign_source,
        campaign_medium,
        campaign_name,
        received_at,
        least(occurred_at, received_at) as occurred_at
    from {{ ref(model) }}
    {%- if touched %}
    where 'segment:{{ kind }}:' || event_id in (select event_id from {{ touched }})
    {%- endif %}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

accounts as (
    select identifier_value as user_id, customer_id
    from {{ ref('int_sole_identifiers') }}
    where identifier_type = 'user_id'
),

-- Whoever is signed in is that person, known to us or not; only an event without a user is the device's.
final as (
    select
        events.event_id,
        events.event_kind,
        events.event_name,
        events.user_id,
        events.anonymous_id,
        events.device_id,
        events.device_type,
        events.library_name,
        events.page_path,
        events.page_url,
        events.referrer_url,
        events.campaign_source,
        events.campaign_medium,
        events.campaign_name,
        events.received_at,
        events.occurred_at,
        case
            when events.user_id is not null then accounts.customer_id
            when browsers.is_shared or devices.is_shared then null
            when browsers.customer_id <> devices.customer_id then null
            else coalesce(browsers.customer_id, devices.customer_id)
        end as customer_id
    from events
    left join accounts on events.user_id = accounts.user_id
    {{ customer_of_device('anonymous_id', 'events.anonymous_id', 'events.occurred_at', 'browsers', only_if='events.user_id is null') }}
    {{ customer_of_device('device_id', 'events.device_id', 'events.occurred_at', 'devices', only_if='events.user_id is null') }}
)

select * from final
{% endmacro %}

{# The browser, device or customer whose visits web and app events belong to; null for other events. #}
{% macro visitor_id() -%}
    case when channel in ('web', 'app') then coalesce('browser:' || anonymous_id, 'device:' || device_id, 'customer:' || customer_id) end
{%- endmacro %}
