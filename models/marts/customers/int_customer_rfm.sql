{{ config(schema='intermediate', cluster_by='customer_id') }}

with buyers as (
    select
        customer_id,
        cast(last_order_at as date) as last_order_date,
        order_count,
        net_revenue
    from {{ ref('int_customer_orders') }}
    where last_order_at is not null
),

rfm_groups as (
    select * from {{ ref('rfm_groups') }}
),

-- Equal customers get equal ranks. ntile() would split them by row order and move people between runs for no reason.
ranked as (
    select
        customer_id,
        percent_rank() over (order by last_order_date) as recency_rank,
        percent_rank() over (order by order_count) as frequency_rank,
        percent_rank() over (order by net_revenue) as monetary_rank
    from buyers
),

scored as (
    select
        customer_id,
        cast(least(5, 1 + floor(5 * recency_rank)) as integer) as rfm_recency_score,
        cast(least(5, 1 + floor(5 * frequency_rank)) as integer) as rfm_frequency_score,
        cast(least(5, 1 + floor(5 * monetary_rank)) as integer) as rfm_monetary_score
    from ranked
),

final as (
    select
        scored.*,
        rfm_groups.rfm_segment
    from scored
    left join rfm_groups
        on
            scored.rfm_recency_score = rfm_groups.recency_score
            and scored.rfm_frequency_score = rfm_groups.frequency_score
)

select
    customer_id,
    rfm_recency_score,
    rfm_frequency_score,
    rfm_monetary_score,
    rfm_segment
from final
