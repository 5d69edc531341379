{#  Currencies, by source, whose documents are worth nothing in the reporting currency: those without a rate in `rates`, and documents without any
    currency where they are more than a share `missing_maximum` of their source. Of some documents only lines arrive, which name none. #}
{% test money_is_convertible(model, column_name, source_column, rates, missing_maximum) %}

with documents as (
    select
        {{ source_column }} as source_name,
        {{ column_name }} as currency,
        count(*) as document_count
    from {{ model }}
    group by {{ source_column }}, {{ column_name }}
),

counted as (
    select
        *,
        sum(document_count) over (partition by source_name) as source_count
    from documents
)

select
    counted.source_name,
    coalesce(counted.currency, 'none') as currency,
    counted.document_count
from counted
left join {{ rates }} as rates
    on counted.currency = rates.currency
where
    rates.currency is null
    and (counted.currency is not null or counted.document_count > {{ missing_maximum }} * counted.source_count)

{% endtest %}
