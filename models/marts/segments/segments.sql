with declarations as (
    select * from {{ ref('int_segment_declarations') }}
),

memberships as (
    select
        segment_name,
        count(*) as member_count
    from {{ ref('segment_membership') }}
    group by segment_name
),

customers as (
    select count(*) as customer_count
    from {{ ref('customer_features') }}
),

final as (
    select
        declarations.*,
        coalesce(memberships.member_count, 0) as member_count,
        coalesce(memberships.member_count, 0) / cast(nullif(customers.customer_count, 0) as double) as customer_share
    from declarations
    cross join customers
    left join memberships
        on declarations.segment_name = memberships.segment_name
)

select
    segment_name,
    label,
    description,
    owner,
    purpose,
    channels,
    condition,
    cast(minimum_size as integer) as minimum_size,
    time_to_live_days,
    cast(member_count as bigint) as member_count,
    customer_share
from final
