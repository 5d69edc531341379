{#
    What people had put right, and whether it holds. The parts of a name or an address hold together or not at all, so that no part of what the
    source says now stands beside a part of what was said before.
-#}
{%- set relation = rectifications_relation() -%}

with kept as (
    {% if relation %}
    select record_id, unit, attribute, replaced_value, value, rectified_at from {{ relation }}
    {% else %}
    {{ empty_rows({
        'record_id': 'varchar', 'unit': 'varchar', 'attribute': 'varchar', 'replaced_value': 'varchar', 'value': 'varchar', 'rectified_at': 'timestamp',
    }) }}
    {% endif %}
),

source_records as (
    select * from {{ ref('identity_source_records') }}
),

present as (
    select distinct
        kept.record_id,
        kept.attribute,
        case kept.attribute
            {% for name in rectifiable_attributes() %}
            when '{{ name }}' then cast(source_records.{{ name }} as string)
            {% endfor %}
        end as source_value
    from kept
    inner join source_records on kept.record_id = source_records.record_id
),

known as (
    select
        kept.*,
        present.source_value,
        present.record_id is not null as is_present
    from kept
    left join present
        on
            kept.record_id = present.record_id
            and kept.attribute = present.attribute
),

compared as (
    select
        *,
        bool_and(source_value is not distinct from replaced_value) over whole as is_unchanged,
        max(case when attribute = 'country' then value end) over whole as country
    from known
    where unit <> 'superseded'
    window whole as (partition by record_id, unit)
),

-- Written as staging writes what a source says; the other attributes are when they are rectified.
rectified as (
    select
        record_id,
        unit,
        attribute,
        replaced_value,
        source_value,
        case attribute
            when 'street_address' then {{ normalize_street('value') }}
            when 'city' then {{ normalize_city('value') }}
            when 'postal_code' then {{ normalize_postal_code('value', 'country') }}
            else value
        end as value,
        case
            when not is_present then 'record gone'
            when is_unchanged then 'applied'
            else 'overtaken'
        end as status,
        rectified_at
    from compared
),

-- Contact points that stood in a record since something was put right, until it was put right again.
superseded as (
    select
        known.record_id,
        known.unit,
        known.attribute,
        known.replaced_value,
        known.source_value,
        case when rectified.record_id is not null then rectified.value else known.source_value end as value,
        case
            when not known.is_present then 'record gone'
            when rectified.status = 'overtaken' then 'overtaken'
            else 'superseded'
        end as status,
        known.rectified_at
    from known
    left join rectified
        on
            known.record_id = rectified.record_id
            and known.attribute = rectified.attribute
    where known.unit = 'superseded'
),

final as (
    select * from rectified
    union all
    select * from superseded
)

select * from final
