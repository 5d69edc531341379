{#
    "Were we allowed to do this then?": a query with the columns of consent_status, decided by the same rules over what had happened by
    the time `at`. It can stand wherever a query can:

        select * from ({{ consent_status_at("timestamp '2025-03-01 12:00:00'") }}) as allowed where customer_id = '...'

    at         SQL expression of the time (UTC) that is asked about
    known_at   SQL expression: look only at what had arrived by then, which is what a sender could know; without it, late arrivals count
    inputs     see `consent_input`

    Events, purchases, inquiries, suppressions and ages are those of the time. Who is who, whose a device was, the country and the
    rules themselves (purposes, defaults) are what is known today.
#}
{% macro consent_status_at(at, known_at=none, inputs={}) %}
    {#- In the order in which they build on each other. -#}
    {%- set steps = {
        'consent_deciding_events': consent_deciding_events_query,
        'consent_identifier_status': consent_identifier_status_query,
        'consent_customer_signals': consent_customer_signals_query,
        'consent_messaging_decisions': consent_messaging_decisions_query,
        'consent_person_decisions': consent_person_decisions_query,
        'consent_barred_customers': consent_barred_customers_query,
        'consent_customer_context': consent_customer_context_query,
    } -%}
    {%- set then = dict(inputs) -%}
    {%- do then.update({'now': 'cast(' ~ at ~ ' as ' ~ dbt.type_timestamp() ~ ')'}) -%}
with events_then as (
    select *
    from {{ consent_input(inputs, 'consent_events') }}
    where
        event_at <= {{ then['now'] }}
        {% if known_at is not none %}
        and coalesce(received_at, event_at) <= cast({{ known_at }} as {{ dbt.type_timestamp() }})
        {% endif %}
),

orders_then as (
    select *
    from {{ consent_input(inputs, 'orders') }}
    where ordered_at <= {{ then['now'] }}
),

suppressions_then as (
    select *
    from {{ consent_input(inputs, 'suppressions') }}
    where suppressed_at <= {{ then['now'] }}
),

{% if var('zendesk_enabled') %}
tickets_then as (
    select *
    from {{ consent_input(inputs, 'stg_zendesk__tickets') }}
    where created_at <= {{ then['now'] }}
),

{% do then.update({'stg_zendesk__tickets': 'tickets_then'}) %}
{% endif %}
{% do then.update({'consent_events': 'events_then', 'orders': 'orders_then', 'suppressions': 'suppressions_then'}) %}
{% for step, query in steps.items() %}
{{ step }}_then as (
    {{ query(then) }}
),

{% do then.update({step: step ~ '_then'}) %}
{% endfor %}
status_then as (
    {{ consent_status_query(then) }}
)

select * from status_then
{% endmacro %}
