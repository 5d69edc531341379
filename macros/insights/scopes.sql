{# What predictions are made from: everything, and what was known before the days that they are checked against. Follows a CTE `as_of`. #}
{% macro prediction_scopes() -%}
    select
        'full' as scope,
        as_of_date as through_date
    from as_of
    union all
    select
        'holdout' as scope,
        cast({{ dbt.dateadd('day', -var('insights_holdout_days'), 'as_of_date') }} as date) as through_date
    from as_of
{%- endmacro %}
