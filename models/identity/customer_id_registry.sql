{{ config(materialized='view') }}
{# Every customer id that was ever used and what became of it. A view: all of it follows from the events. #}
with history as (
    select * from {{ ref('customer_id_events') }}
),

{{ customer_id_states() }},

final as (
    select
        customer_id,
        created_at,
        since_version,
        case
            when (latest).is_live then 'live'
            when (latest).merged_into is not null then 'merged'
            else 'retired'
        end as status,
        case when not (latest).is_live then (latest).merged_into end as merged_into,
        case when not (latest).is_live and (latest).merged_into is not null then (latest).happened_at end as merged_at,
        case when not (latest).is_live and (latest).merged_into is null then (latest).happened_at end as retired_at
    from id_states
)

select * from final
