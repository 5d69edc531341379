{#
    Records that share a strong identifier: each is linked to the first record that has the value. A value that more records share
    than its type allows proves nothing and links nobody; it is kept with is_over_limit.
#}
with identifiers as (
    select identifiers.identifier_type, identifiers.identifier_value, features.record_key
    from {{ ref('identity_record_identifiers') }} as identifiers
    inner join {{ ref('identity_features') }} as features on identifiers.record_id = features.record_id
    where identifiers.is_strong
),

grouped as (
    select
        identifier_type,
        record_key,
        min(record_key) over (partition by identifier_type, identifier_value) as first_key,
        count(*) over (partition by identifier_type, identifier_value) as record_count
    from identifiers
),

final as (
    select
        first_key as left_key,
        record_key as right_key,
        identifier_type,
        record_count,
        record_count > case identifier_type
            {% for name, type in var('identity_identifier_types').items() if type.is_strong %}
            when '{{ name }}' then {{ type.max_records }}
            {% endfor %}
            else 0
        end as is_over_limit
    from grouped
    where record_key <> first_key
)

select * from final
