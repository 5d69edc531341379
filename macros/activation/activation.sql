{# E-mail as most destinations hash it: lower case, no white space around it; an empty address becomes null, never a hash of nothing. #}
{% macro plain_email(expression) -%}
    nullif(lower(trim({{ expression }})), '')
{%- endmacro %}


{# Rows of an activation table whose contact point is not permitted for the purpose and channel the table is made for. #}
{% macro rows_without_permission(relation, contact_column, contact_type, purpose, channel) %}
select
    activation.activation_id,
    activation.customer_id,
    activation.{{ contact_column }} as contact_point,
    coalesce(consent.status, 'no status') as status,
    coalesce(consent.rule_applied, 'no rule') as rule_applied
from {{ relation }} as activation
left join {{ ref('consent_status') }} as consent
    on
        activation.customer_id = consent.customer_id
        and activation.{{ contact_column }} = consent.identifier
        and consent.identifier_type = '{{ contact_type }}'
        and consent.purpose_code = '{{ purpose }}'
        and consent.channel = '{{ channel }}'
where not coalesce(consent.is_permitted, false)
{% endmacro %}
