{{ config(schema='intermediate') }}

select
    scope,
    repeat_purchases,
    recency_days,
    age_days,
    count(*) as customer_count
from {{ ref('int_lifetime_value_histories') }}
group by scope, repeat_purchases, recency_days, age_days
