{{ config(materialized='view') }}

with stays as (
    select * from {{ ref('segment_membership_history') }}
    where is_current
),

declarations as (
    select * from {{ ref('int_segment_declarations') }}
),

final as (
    select
        stays.customer_id,
        stays.segment_name,
        stays.entered_at,
        declarations.purpose
    from stays
    inner join declarations
        on stays.segment_name = declarations.segment_name
)

select
    customer_id,
    segment_name,
    entered_at,
    purpose
from final
