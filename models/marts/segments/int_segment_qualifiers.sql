{{ config(schema='intermediate') }}

{#- Compiled from vars: segments. A wrong declaration stops the build here with the name of the segment. -#}
{% set declared = declared_segments() %}
{% if execute %}{% do check_segment_columns(declared, segment_feature_columns()) %}{% endif %}

with features as (
    select * from {{ ref('customer_features') }}
),

final as (
    {% for segment in declared %}
    select
        customer_id,
        '{{ segment.name }}' as segment_name
    from features
    where {{ resolve_references(segment) }}
    {% if not loop.last %}union all{% endif %}
    {% else %}
    {{ empty_rows({'customer_id': 'varchar', 'segment_name': 'varchar'}) }}
    {% endfor %}
)

select
    customer_id,
    segment_name
from final
