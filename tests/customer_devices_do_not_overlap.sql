-- Every interval of a browser or device ends before the next begins, and none is empty: at no time has it two customers.
with intervals as (
    select
        identifier_type,
        identifier,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by identifier_type, identifier order by valid_from) as next_valid_from
    from {{ ref('customer_devices') }}
)

select *
from intervals
where valid_from >= valid_to or next_valid_from < coalesce(valid_to, timestamp '9999-12-31')
