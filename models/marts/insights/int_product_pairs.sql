{{ config(schema='intermediate') }}

-- Whoever owns nearly everything (a reseller, a staff card) says nothing about taste and would pair everything with everything.
with owned as (
    select
        scope,
        customer_id,
        product_id,
        product_group_id,
        is_sold
    from {{ ref('int_scoped_customer_products') }}
    where product_count <= {{ var('product_affinity_max_products') }}
),

customers as (
    select
        scope,
        count(distinct customer_id) as customer_count
    from owned
    group by scope
),

buyers as (
    select
        scope,
        product_id,
        count(*) as buyer_count
    from owned
    group by scope, product_id
),

-- Below the lower bound chance decides; above the upper one everybody has the product anyway.
usable as (
    select
        owned.scope,
        owned.customer_id,
        owned.product_id,
        owned.product_group_id,
        owned.is_sold,
        buyers.buyer_count,
        customers.customer_count
    from owned
    inner join buyers
        on
            owned.scope = buyers.scope
            and owned.product_id = buyers.product_id
    inner join customers
        on owned.scope = customers.scope
    where
        buyers.buyer_count >= {{ var('product_affinity_min_customers') }}
        and buyers.buyer_count <= {{ var('product_affinity_max_share') }} * customers.customer_count
),

-- Sizes of one article are no pair: whoever wants one needs no other, and they would take the places of other articles. So would what
-- nobody can buy any more.
pairs as (
    select
        one.scope,
        one.product_id,
        other.product_id as other_product_id,
        one.customer_count,
        one.buyer_count,
        other.buyer_count as other_buyer_count,
        count(*) as both_count
    from usable as one
    inner join usable as other
        on
            one.scope = other.scope
            and one.customer_id = other.customer_id
            and one.product_group_id <> other.product_group_id
            and other.is_sold
    group by one.scope, one.product_id, other.product_id, one.customer_count, one.buyer_count, other.buyer_count
    having count(*) >= {{ var('product_affinity_min_customers') }}
),

measured as (
    select
        *,
        cast(both_count as double) / buyer_count as confidence,
        cast(both_count as double) * customer_count / (cast(buyer_count as double) * other_buyer_count) as lift,
        -- Standard error of a log ratio of counts (Katz and others, 1978).
        sqrt(greatest(1.0 / both_count - 1.0 / buyer_count + 1.0 / other_buyer_count - 1.0 / customer_count, 0)) as log_lift_error
    from pairs
),

bounded as (
    select
        *,
        round(lift * exp(-1.645 * log_lift_error), 9) as lift_lower
    from measured
),

final as (
    select
        *,
        row_number() over (
            partition by scope, product_id
            order by lift_lower desc, both_count desc, other_product_id
        ) as rank
    from bounded
    where lift > 1
)

select
    scope,
    product_id,
    other_product_id,
    customer_count,
    buyer_count,
    other_buyer_count,
    both_count,
    confidence,
    round(lift, 9) as lift,
    lift_lower,
    rank
from final
where rank <= {{ var('product_affinity_top') }}
