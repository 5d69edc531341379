{# Devices at a time: which ids name one, how many customers may own one in turn, and whose it was when something happened on it. #}

{% macro device_identifier_types() %}
    {{ return(['anonymous_id', 'device_id']) }}
{% endmacro %}

{# True where an identifier is the id of a browser or device, which is somebody's for a time only. #}
{% macro is_device_identifier(expression) -%}
    {{ expression }} in ({% for name in device_identifier_types() %}'{{ name }}'{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro device_max_customers() %}
    {{ return(var('identity_identifier_types').get('device', {}).get('max_customers', 2) | int) }}
{% endmacro %}

{#
    The join that finds the customer of an anonymous event. It follows the `from` of the events and adds at most one row of
    customer_devices to each, under `alias`: read its customer_id, which is null when the device is unknown, shared, or was nobody's.

        select events.event_id, coalesce(users.customer_id, devices.customer_id) as customer_id
        from events
        {{ customer_of_device('anonymous_id', 'events.anonymous_id', 'events.occurred_at') }}

    Only events without a user of their own may be given to the customer of the device. `identifier` and `at` are SQL expressions of the
    event; `only_if` is a condition on the event, for joins that are not always wanted.
#}
{% macro customer_of_device(identifier_type, identifier, at, alias='devices', only_if='true') -%}
    left join {{ ref('customer_devices') }} as {{ alias }}
        on
            {{ alias }}.identifier_type = '{{ identifier_type }}'
            and {{ identifier }} = {{ alias }}.identifier
            and {{ at }} >= {{ alias }}.valid_from
            and ({{ alias }}.valid_to is null or {{ at }} < {{ alias }}.valid_to)
            {%- if only_if != 'true' %}
            and {{ only_if }}
            {%- endif %}
{%- endmacro %}
