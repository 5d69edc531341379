{# The states of a consent signal that refuse. One place, so that no model forgets one of them. #}
{% macro is_refusal(column) -%}
    {{ column }} in ('denied', 'withdrawn', 'objected')
{%- endmacro %}


{# An answer about this very purpose that the person gave themselves. #}
{% macro is_own_choice(event) -%}
    {{ event }}.is_explicit and {{ event }}.is_specific and {{ event }}.actor in ('subject', 'guardian')
{%- endmacro %}


{# Larger is stricter: what wins when two signals carry the same time. #}
{% macro strictness(column) -%}
    case
        when {{ is_refusal(column) }} then 3
        when {{ column }} = 'expired' then 2
        when {{ column }} = 'pending' then 1
        else 0
    end
{%- endmacro %}


{# The columns every model that reads signals from a source hands on, in order, with their types. #}
{% macro consent_signal_columns() %}
    {{ return({
        'signal_source': dbt.type_string(),
        'signal_ref': dbt.type_string(),
        'is_standing_value': dbt.type_boolean(),
        'identifier_type': dbt.type_string(),
        'identifier': dbt.type_string(),
        'purpose_code': dbt.type_string(),
        'channel': dbt.type_string(),
        'lawful_basis': dbt.type_string(),
        'country': dbt.type_string(),
        'state': dbt.type_string(),
        'is_explicit': dbt.type_boolean(),
        'is_specific': dbt.type_boolean(),
        'is_confirmation': dbt.type_boolean(),
        'declared_scope': dbt.type_string(),
        'actor': dbt.type_string(),
        'notice_id': dbt.type_string(),
        'notice_version': dbt.type_string(),
        'language': dbt.type_string(),
        'collection_point': dbt.type_string(),
        'method': dbt.type_string(),
        'evidence_ref': dbt.type_string(),
        'raw_signal': dbt.type_string(),
        'event_at': dbt.type_timestamp(),
        'changed_at': dbt.type_timestamp(),
        'time_precision': dbt.type_string(),
        'received_at': dbt.type_timestamp(),
        'valid_until': dbt.type_timestamp(),
    }) }}
{% endmacro %}


{# Those columns, the given ones filled with an expression and the rest with a typed null. #}
{% macro select_signal_columns(filled) %}
    {%- set columns = consent_signal_columns() -%}
    {%- for name in filled if name not in columns -%}
        {{ exceptions.raise_compiler_error("select_signal_columns: '" ~ name ~ "' is no column of a consent signal; known are " ~ columns | join(', ')) }}
    {%- endfor -%}
    {%- for name, type in columns.items() %}
    cast({{ filled.get(name, 'null') }} as {{ engine_type(type) }}) as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{% endmacro %}


{# A relation of that shape without a row: what a source that is switched off gives. #}
{% macro no_signals() %}
select
    {{- select_signal_columns({}) }}
where false
{% endmacro %}
