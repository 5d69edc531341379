{# Fails for every row where what came in is not what was used plus what was rejected. #}
{% test rows_accounted_for(model, rows_in, rows_used, rows_rejected) %}

    select *
    from {{ model }}
    where {{ rows_in }} <> {{ rows_used }} + {{ rows_rejected }}

{% endtest %}
