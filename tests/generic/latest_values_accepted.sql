{# The values of a column in the rows of the latest date; what earlier days held is history and no reason to fail today. #}
{% test latest_values_accepted(model, column_name, date_column, values) %}

select *
from {{ model }}
where
    {{ date_column }} = (select max({{ date_column }}) from {{ model }})
    and {{ column_name }} not in ('{{ values | join("', '") }}')

{% endtest %}
