{{ config(materialized='view') }}
{# Every person feed brought to one shape, as its source has it; an attribute that a feed does not have is null. A view: the staged tables hold the rows. #}
{%- set identifier_types = declared_identifier_types() -%}
{%- set extras = var('identity_extra_attributes') -%}

with feeds as (
    {% for feed in enabled_identity_feeds() %}
    {% set relation = ref(feed.model) %}
    {% set present = feed_columns(relation) %}
    select
        record_id,
        {{ "source_name" if "source_name" in present else "'" ~ feed.source ~ "'" }} as source_name,
        '{{ feed.source }}' as source_system,
        '{{ feed.entity }}' as entity,
        {% for name, type in person_attributes().items() %}
        {{ name if name in present else "cast(null as " ~ engine_type(type) ~ ")" }} as {{ name }},
        {% endfor %}
        {% for name in extras %}
        {{ "cast(" ~ name ~ " as string)" if name in present else "cast(null as string)" }} as {{ name }},
        {% endfor %}
        {% for type in identifier_types %}
        {% set column = (feed.identifiers or {}).get(type) %}
        {{ "cast(" ~ column ~ " as string)" if column and column in present else "cast(null as string)" }} as {{ type }}_identifier,
        {% endfor %}
        source_record_id
    from {{ relation }}
    {{ "union all" if not loop.last }}
    {% else %}
    select
        cast(null as string) as record_id,
        cast(null as string) as source_name,
        cast(null as string) as source_system,
        cast(null as string) as entity,
        {% for name, type in person_attributes().items() %}
        cast(null as {{ engine_type(type) }}) as {{ name }},
        {% endfor %}
        {% for name in extras %}
        cast(null as string) as {{ name }},
        {% endfor %}
        cast(null as string) as source_record_id
    where false
    {% endfor %}
)

select * from feeds
