{{ config(materialized='trained') }}
{#
    How many records have a value: the chance that two strangers share it, and so the weight of an agreement on it. A value of one
    record is left out.
#}
{% for column in frequency_attributes() %}
select
    '{{ column }}' as attribute,
    {{ column }} as attribute_value,
    cast(count(*) as integer) as record_count
from {{ ref('identity_features') }}
where {{ column }} is not null
group by {{ column }}
having count(*) > 1
{{ "union all" if not loop.last }}
{% endfor %}
