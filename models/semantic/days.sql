{# Fifty years of days: enough to join any fact to, and small enough to build without thinking. #}
with numbers as (
    select i from {{ integer_series(18628) }} as series
),

final as (
    select cast({{ dbt.dateadd('day', 'cast(i as integer)', "cast('2000-01-01' as date)") }} as date) as day_date
    from numbers
)

select day_date
from final
