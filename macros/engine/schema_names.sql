{# Schemas carry their own name (staging, identity, marts, ...), not a prefix of the profile's default schema. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
