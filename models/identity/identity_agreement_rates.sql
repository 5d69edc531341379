{# The chance that two records share a value by accident, counted and not sampled: sum c (c - 1) / n (n - 1) over the values. #}
with features as (
    select * from {{ ref('identity_features') }}
),

rates as (
    {% for columns in frequency_attributes() + ['gender', 'given_key, family_key'] %}
    select
        '{{ columns }}' as attribute,
        sum(record_count * (record_count - 1.0)) / nullif(sum(record_count) * (sum(record_count) - 1.0), 0) as agreement_rate
    from (
        select cast(count(*) as double) as record_count
        from features
        where {{ columns | replace(', ', ' is not null and ') }} is not null
        group by {{ columns }}
    ) as value_counts
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select attribute, agreement_rate
from rates
where agreement_rate is not null
