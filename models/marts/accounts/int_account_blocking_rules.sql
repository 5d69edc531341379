{{ config(schema='intermediate', materialized='view') }}
{# The declared blocking rules of company records as data. #}
{% for rule in account_blocking_rules() %}
select
    {{ loop.index0 }} as rule_number,
    '{{ rule.name }}' as blocking_rule,
    '{{ rule.comparisons }}' as comparisons,
    true as is_usable,
    {{ 'true' if rule.trains else 'false' }} as is_training_rule
{{ "union all" if not loop.last }}
{% endfor %}
