{{ config(schema='intermediate') }}

select
    scope,
    repeat_purchases,
    cast(mean_repeat_value as double) as mean_repeat_value,
    count(*) as customer_count
from {{ ref('int_lifetime_value_histories') }}
where
    repeat_purchases > 0
    -- What was wholly given back, or is of no known currency, tells nothing of what the customer likes to spend.
    and mean_repeat_value > 0
group by scope, repeat_purchases, mean_repeat_value
