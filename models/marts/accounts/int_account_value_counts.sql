{{ config(schema='intermediate', materialized='view') }}
{# How many company records have a value: the chance that two companies share it, and so what an agreement on it is worth. #}
{% for frequency in account_frequencies() + [{'comparison': 'company_country', 'column': 'country'}] %}
select
    '{{ frequency.comparison }}' as comparison,
    {{ frequency.column }} as attribute_value,
    cast(count(*) as bigint) as record_count
from {{ ref('int_account_records') }}
where {{ frequency.column }} is not null
group by {{ frequency.column }}
{{ "union all" if not loop.last }}
{% endfor %}
