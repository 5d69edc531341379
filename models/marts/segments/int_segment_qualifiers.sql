{{ config(schema='intermediate', materialized='view') }}

with sets as (
    select * from {{ ref('int_segment_sets') }}
),

final as (
    {{ list_items('sets', ['customer_id', 'changed_at'], 'segments', 'segment_name') }}
)

select
    customer_id,
    segment_name,
    changed_at
from final
