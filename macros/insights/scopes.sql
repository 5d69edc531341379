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


{# Every response and message in each scope: those before the cut count in both. #}
{% macro scoped_responses() -%}
    select
        scopes.scope,
        responses.*
    from {{ ref('int_customer_responses') }} as responses
    inner join (
        select 'full' as scope
        union all
        select 'holdout' as scope
    ) as scopes
        on scopes.scope = 'full' or responses.is_before_cut
{%- endmacro %}
