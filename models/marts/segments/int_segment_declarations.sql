{{ config(schema='intermediate') }}

with declarations as (
    {% for segment in declared_segments() %}
    select
        {{ sql_literal(segment.name) }} as segment_name,
        {{ sql_literal(segment.label) }} as label,
        {{ sql_literal(segment.description) }} as description,
        {{ sql_literal(segment.owner) }} as owner,
        {{ sql_literal(segment.purpose) }} as purpose,
        {{ sql_literal(segment.channels | join(', ')) }} as channels,
        {{ sql_literal(segment.condition) }} as condition,
        {{ sql_literal(segment.minimum_size or 0) }} as minimum_size,
        cast({{ segment.lifetime_days or 'null' }} as integer) as time_to_live_days
    {% if not loop.last %}union all{% endif %}
    {% else %}
    {{ empty_rows({
        'segment_name': 'varchar', 'label': 'varchar', 'description': 'varchar', 'owner': 'varchar', 'purpose': 'varchar',
        'channels': 'varchar', 'condition': 'varchar', 'minimum_size': 'integer', 'time_to_live_days': 'integer',
    }) }}
    {% endfor %}
)

select
    segment_name,
    label,
    description,
    owner,
    purpose,
    channels,
    condition,
    minimum_size,
    time_to_live_days
from declarations
