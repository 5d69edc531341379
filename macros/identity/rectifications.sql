{# What people had put right (`make rectify-subject`), as the operation keeps it; none before the first operation. #}
{% macro rectifications_relation() %}
    {{ return(adapter.get_relation(database=target.get('database'), schema='privacy', identifier='rectifications') if execute else none) }}
{% endmacro %}

{# Attributes of a person, with their types, that a rectification may replace: all but what a source knows of the record itself. #}
{% macro rectifiable_attributes() %}
    {% set attributes = {} %}
    {% for name, type in person_attributes().items() if name not in ['is_email_verified', 'created_at', 'updated_at'] %}
        {% do attributes.update({name: type}) %}
    {% endfor %}
    {% for name in var('identity_extra_attributes') %}{% do attributes.update({name: 'varchar'}) %}{% endfor %}
    {{ return(attributes) }}
{% endmacro %}
