{{ config(materialized='view') }}
{# Records of people for all that follows: what was put right stands in the place of what its source says. #}
{%- set rectifiable = rectifiable_attributes() -%}

with source_records as (
    select * from {{ ref('identity_source_records') }}
),

rectified as (
    select
        {% for name in rectifiable %}
        bool_or(attribute = '{{ name }}') as has_{{ name }},
        max(case when attribute = '{{ name }}' then value end) as {{ name }},
        {% endfor %}
        record_id
    from {{ ref('identity_rectifications') }}
    where status = 'applied'
    group by record_id
),

-- What the source has verified is the address that was replaced.
records as (
    select
        source_records.record_id,
        source_records.source_name,
        source_records.source_system,
        source_records.entity,
        {% for name, type in person_attributes().items() %}
        {% if name in rectifiable %}
        case when rectified.has_{{ name }} then cast(rectified.{{ name }} as {{ engine_type(type) }}) else source_records.{{ name }} end as {{ name }},
        {% elif name == 'is_email_verified' %}
        case when rectified.has_email then null else source_records.is_email_verified end as is_email_verified,
        {% else %}
        source_records.{{ name }},
        {% endif %}
        {% endfor %}
        {% for name in var('identity_extra_attributes') %}
        case when rectified.has_{{ name }} then rectified.{{ name }} else source_records.{{ name }} end as {{ name }},
        {% endfor %}
        {% for type in declared_identifier_types() %}
        source_records.{{ type }}_identifier,
        {% endfor %}
        source_records.source_record_id
    from source_records
    left join rectified on source_records.record_id = rectified.record_id
),

-- A record that says nothing about a person and has no id of its own in a system is not evidence of one.
final as (
    select
        *,
        coalesce(
            given_name, family_name, full_name, email, phone, secondary_phone, street_address, cast(birth_date as string)
        ) is not null
        {%- for feed in enabled_identity_feeds() if feed.identifiers is not none and feed.identifiers is defined %}
        or (source_system = '{{ feed.source }}' and entity = '{{ feed.entity }}')
        {%- endfor %} as is_identifiable
    from records
)

select * from final
