{{ config(schema='intermediate', materialized='view') }}

with sets as (
    select * from {{ ref('int_segment_sets') }}
),

final as (
    {{ list_items('sets', ['customer_id'], 'segments', 'segment_name') }}
)

select
    customer_id,
    segment_name
from final
