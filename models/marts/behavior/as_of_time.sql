{% set declared = var('as_of', '') %}

select
    {% if declared -%}
    cast('{{ declared }}' as timestamp) as as_of_at,
    'declared' as as_of_origin
    {%- else -%}
    max(latest_event_at) as as_of_at,
    'latest event' as as_of_origin
    {%- endif %}
from {{ ref('latest_event_times') }}
{% if declared %}having true{% endif %}
