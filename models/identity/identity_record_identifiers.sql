{#
    Contact points and system ids of every record, one row each. Which columns of a feed hold system ids is declared with the feed;
    which kinds of identifier prove a person is declared in `identity_identifier_types`.
#}
{%- set types = var('identity_identifier_types') -%}

with contact_points as (
    select record_id, 'email' as identifier_type, email as identifier_value, coalesce(updated_at, created_at) as observed_at
    from {{ ref('identity_records') }}
    union all
    select record_id, 'phone' as identifier_type, phone as identifier_value, coalesce(updated_at, created_at) as observed_at
    from {{ ref('identity_records') }}
    union all
    select
        record_id,
        'phone' as identifier_type,
        secondary_phone as identifier_value,
        coalesce(updated_at, created_at) as observed_at
    from {{ ref('identity_records') }}
),

system_ids as (
    {% set selects = [] %}
    {% for feed in enabled_identity_feeds() %}
    {% set relation = ref(feed.model) %}
    {% set present = feed_columns(relation) %}
    {% for identifier_type, column in (feed.identifiers or {}).items() if column in present %}
    {% do selects.append("select record_id, '" ~ identifier_type ~ "' as identifier_type, cast(" ~ column ~ " as varchar) as identifier_value, "
        ~ ("coalesce(updated_at, created_at)" if "updated_at" in present and "created_at" in present else "cast(null as timestamp)")
        ~ " as observed_at from " ~ relation) %}
    {% endfor %}
    {% endfor %}
    {{ selects | join('\n    union all\n    ') if selects else
        "select cast(null as varchar) as record_id, cast(null as varchar) as identifier_type, cast(null as varchar) as identifier_value, cast(null as timestamp) as observed_at where false" }}
),

identifiers as (
    select record_id, identifier_type, identifier_value, observed_at from contact_points
    union all
    select record_id, identifier_type, identifier_value, observed_at from system_ids
),

final as (
    select
        record_id,
        identifier_type,
        identifier_value,
        identifier_type in (
            {%- for name, type in types.items() if type.is_strong %}'{{ name }}'{{ ", " if not loop.last }}{% endfor -%}
        ) as is_strong,
        max(observed_at) as observed_at
    from identifiers
    where identifier_value is not null
    group by record_id, identifier_type, identifier_value
)

select * from final
