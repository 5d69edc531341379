{{ config(schema='intermediate', materialized='view') }}
{# The declared comparisons of company records as data. #}
{% for comparison in account_comparisons() %}
{% set outer = loop %}
{% for label in comparison.labels %}
select
    {{ outer.index0 }} as comparison_number,
    '{{ comparison.name }}' as comparison,
    {{ loop.index }} as level,
    '{{ label }}' as label,
    {{ 'true' if comparison.person else 'false' }} as is_person,
    {{ 'true' if comparison.several else 'false' }} as has_several_values
{{ "union all" if not (loop.last and outer.last) }}
{% endfor %}
{% endfor %}
