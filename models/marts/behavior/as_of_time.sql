{% set declared = var('as_of', '') %}

select
    {{ "cast('" ~ declared ~ "' as timestamp)" if declared else 'max(latest_event_at)' }} as as_of_at,
    '{{ "declared" if declared else "latest event" }}' as as_of_origin
from {{ ref('latest_event_times') }}
{% if declared %}having true{% endif %}
