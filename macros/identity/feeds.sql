{# The person attributes that every feed is brought to, with their types. One list, so that a new attribute is added once. #}
{% macro person_attributes() %}
    {{ return({
        'given_name': 'varchar', 'middle_name': 'varchar', 'family_name': 'varchar', 'full_name': 'varchar',
        'birth_date': 'date', 'gender': 'varchar', 'email': 'varchar', 'phone': 'varchar', 'secondary_phone': 'varchar',
        'street_address': 'varchar', 'city': 'varchar', 'region': 'varchar', 'postal_code': 'varchar', 'country': 'varchar',
        'company_name': 'varchar', 'job_title': 'varchar', 'is_email_verified': 'boolean',
        'created_at': 'timestamp', 'updated_at': 'timestamp',
    }) }}
{% endmacro %}

{# Declared feeds whose source is switched on. #}
{% macro enabled_identity_feeds() %}
    {% set feeds = [] %}
    {% for feed in var('identity_feeds') if var(feed.source ~ '_enabled') %}
        {% do feeds.append(feed) %}
    {% endfor %}
    {{ return(feeds) }}
{% endmacro %}

{# Names of the columns that a staged feed has; before the first build nothing is known and nothing is missing. #}
{% macro feed_columns(relation) %}
    {% set names = [] %}
    {% if execute %}
        {% for column in adapter.get_columns_in_relation(relation) %}
            {% do names.append(column.name | lower) %}
        {% endfor %}
    {% endif %}
    {{ return(names) }}
{% endmacro %}
