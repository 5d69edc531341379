{# Fails with each row of an activation table for which something its destination needs is not permitted at that contact point. #}
{% test permitted_for(model, destination) %}

{{ rows_without_permission(model, destination) }}

{% endtest %}
