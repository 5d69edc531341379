{{ config(schema='intermediate') }}

with owned as (
    select * from {{ ref('int_scoped_customer_products') }}
    where product_count <= {{ var('product_affinity_max_products') }}
),

pairs as (
    select * from {{ ref('int_product_pairs') }}
),

-- A product may be suggested by several that the customer owns: the strongest tie speaks for it.
suggested as (
    select
        owned.scope,
        owned.customer_id,
        pairs.other_product_id as product_id,
        owned.product_id as because_product_id,
        pairs.lift,
        pairs.lift_lower,
        pairs.both_count
    from owned
    inner join pairs
        on
            owned.scope = pairs.scope
            and owned.product_id = pairs.product_id
    qualify row_number() over (
        partition by owned.scope, owned.customer_id, pairs.other_product_id
        order by pairs.lift_lower desc, pairs.both_count desc, owned.product_id
    ) = 1
),

final as (
    select
        suggested.*,
        row_number() over (
            partition by suggested.scope, suggested.customer_id
            order by suggested.lift_lower desc, suggested.both_count desc, suggested.product_id
        ) as rank
    from suggested
    left join owned
        on
            suggested.scope = owned.scope
            and suggested.customer_id = owned.customer_id
            and suggested.product_id = owned.product_id
    -- Not what the customer already owns.
    where owned.product_id is null
)

select
    scope,
    customer_id,
    rank,
    product_id,
    because_product_id,
    lift,
    lift_lower,
    both_count
from final
where rank <= {{ var('next_product_count') }}
