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
        bool_or(is_sold) as is_sold,
        count(*) as buyer_count
    from owned
    group by scope, product_id
),

-- Below the lower bound chance decides; above the upper one everybody has the product anyway. Products are numbered, as there may be millions of
-- pairs to count.
products as (
    select
        buyers.scope,
        buyers.product_id,
        buyers.is_sold,
        buyers.buyer_count,
        customers.customer_count,
        row_number() over (order by buyers.scope, buyers.product_id) as product_number
    from buyers
    inner join customers
        on buyers.scope = customers.scope
    where
        buyers.buyer_count >= {{ var('product_affinity_min_customers') }}
        and buyers.buyer_count <= {{ var('product_affinity_max_share') }} * customers.customer_count
),

usable as (
    select
        owned.scope,
        owned.customer_id,
        owned.product_group_id,
        products.product_number
    from owned
    inner join products
        on
            owned.scope = products.scope
            and owned.product_id = products.product_id
),

-- Sizes of one article are no pair: whoever wants one needs no other, and they would take the places of other articles.
counted as (
    select
        one.product_number,
        other.product_number as other_number,
        count(*) as both_count
    from usable as one
    inner join usable as other
        on
            one.scope = other.scope
            and one.customer_id = other.customer_id
            and one.product_number < other.product_number
            and one.product_group_id <> other.product_group_id
    group by one.product_number, other.product_number
    having count(*) >= {{ var('product_affinity_min_customers') }}
),

both_ways as (
    select
        product_number,
        other_number,
        both_count
    from counted
    union all
    select
        other_number as product_number,
        product_number as other_number,
        both_count
    from counted
),

-- What nobody can buy any more leads to others, and none to it.
pairs as (
    select
        one.scope,
        one.product_id,
        other.product_id as other_product_id,
        one.customer_count,
        one.buyer_count,
        other.buyer_count as other_buyer_count,
        both_ways.both_count
    from both_ways
    inner join products as one
        on both_ways.product_number = one.product_number
    inner join products as other
        on both_ways.other_number = other.product_number
    where other.is_sold
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
