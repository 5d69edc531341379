{{ config(schema='intermediate') }}

with owned as (
    select * from {{ ref('int_scoped_customer_products') }}
    where product_count <= {{ var('product_affinity_max_products') }}
),

-- The order in which pairs suggest, as one number: so that millions of suggestions are compared by an integer.
pairs as (
    select
        *,
        row_number() over (
            partition by scope
            order by lift_lower desc, both_count desc, other_product_id, product_id
        ) as pair_order
    from {{ ref('int_product_pairs') }}
),

-- A product may be suggested by several that the customer owns: the strongest tie speaks for it.
suggested as (
    select
        owned.scope,
        owned.customer_id,
        pairs.other_product_id as product_id,
        min(pairs.pair_order) as pair_order
    from owned
    inner join pairs
        on
            owned.scope = pairs.scope
            and owned.product_id = pairs.product_id
    group by owned.scope, owned.customer_id, pairs.other_product_id
),

groups as (
    select distinct
        product_id,
        product_group_id
    from owned
),

owned_groups as (
    select distinct
        scope,
        customer_id,
        product_group_id
    from owned
),

-- Not what the customer already owns, in another size or colour either; and of each article the size that is suggested most.
unowned as (
    select
        suggested.scope,
        suggested.customer_id,
        min(suggested.pair_order) as pair_order
    from suggested
    left join groups
        on suggested.product_id = groups.product_id
    left join owned_groups
        on
            suggested.scope = owned_groups.scope
            and suggested.customer_id = owned_groups.customer_id
            and coalesce(groups.product_group_id, suggested.product_id) = owned_groups.product_group_id
    where owned_groups.product_group_id is null
    group by suggested.scope, suggested.customer_id, coalesce(groups.product_group_id, suggested.product_id)
),

ranked as (
    select
        *,
        row_number() over (partition by scope, customer_id order by pair_order) as rank
    from unowned
    qualify rank <= {{ var('next_product_count') }}
),

final as (
    select
        ranked.scope,
        ranked.customer_id,
        ranked.rank,
        pairs.other_product_id as product_id,
        pairs.product_id as because_product_id,
        pairs.lift,
        pairs.lift_lower,
        pairs.both_count
    from ranked
    inner join pairs
        on
            ranked.scope = pairs.scope
            and ranked.pair_order = pairs.pair_order
)

select * from final
