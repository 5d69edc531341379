{{ config(materialized='view') }}
{#
    Contact points and system ids of every record, one row each. Which columns of a feed hold system ids is declared with the feed;
    which kinds of identifier prove a person is declared in `identity_identifier_types`.
#}
{%- set types = var('identity_identifier_types') -%}

with records as (
    select
        *,
        coalesce(updated_at, created_at) as observed_at
    from {{ ref('identity_records') }}
),

identifiers as (
    {% for type in declared_identifier_types() %}
    select
        record_id,
        '{{ type }}' as identifier_type,
        {{ type }}_identifier as identifier_value,
        {{ 'true' if types.get(type, {}).get('is_strong') else 'false' }} as is_strong,
        observed_at
    from records
    union all
    {% endfor %}
    select record_id, 'email' as identifier_type, email as identifier_value, false as is_strong, observed_at
    from records
    union all
    select record_id, 'phone' as identifier_type, phone as identifier_value, false as is_strong, observed_at
    from records
    union all
    -- The same number twice in a record is one identifier.
    select record_id, 'phone' as identifier_type, secondary_phone as identifier_value, false as is_strong, observed_at
    from records
    where secondary_phone is distinct from phone
),

final as (
    select record_id, identifier_type, identifier_value, is_strong, observed_at
    from identifiers
    where identifier_value is not null
)

select * from final
