{{ config(materialized='view') }}
{# Where to find a customer whose id was merged into another. An id whose records are all gone leads nowhere and has no row. #}
with history as (
    select * from {{ ref('customer_id_events') }}
),

-- Only these matter, and they are few.
wanted as (
    select old_customer_id as customer_id from history
    where event_type = 'merged'
    union
    select new_customer_id as customer_id from history
    where event_type = 'merged'
),

{{ customer_id_states('wanted') }},

{{ customer_id_redirect_ends() }},

final as (
    select
        merged.customer_id as old_customer_id,
        redirect_ends.current_customer_id,
        (merged.latest).happened_at as since
    from redirect_ends
    inner join id_states as merged on redirect_ends.customer_id = merged.customer_id
    inner join id_states as ends on redirect_ends.current_customer_id = ends.customer_id
    where (ends.latest).is_live
)

select * from final
