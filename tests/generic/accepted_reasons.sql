{# A reason of the list, or `merged into` and the id of a customer. #}
{% test accepted_reasons(model, column_name, values) %}

select {{ column_name }}
from {{ model }}
where
    {{ column_name }} not in ('{{ values | join("', '") }}')
    and not {{ text_matches(column_name, '^merged into [^ ]+$') }}

{% endtest %}
