{{ config(schema='intermediate') }}

with owned as (
    select * from {{ ref('int_scoped_customer_products') }}
    where product_count <= {{ var('product_affinity_max_products') }}
),

groups as (
    select distinct
        product_id,
        product_group_id
    from owned
),

-- The order in which pairs suggest, as one number: so that millions of suggestions are compared by an integer.
pairs as (
    select
        pairs.*,
        coalesce(groups.product_group_id, pairs.other_product_id) as other_group_id,
        row_number() over (
            partition by pairs.scope
            order by pairs.lift_lower desc, pairs.both_count desc, pairs.other_product_id, pairs.product_id
        ) as pair_order
    from {{ ref('int_product_pairs') }} as pairs
    left join groups
        on pairs.other_product_id = groups.product_id
),

owned_groups as (
    select distinct
        scope,
        customer_id,
        product_group_id
    from owned
),

-- Not what the customer already owns, in another size or colour either. An article may be suggested by several that the customer owns: the
-- strongest tie speaks for it, and for the size it leads to.
suggested as (
    select
        owned.scope,
        owned.customer_id,
        min(pairs.pair_order) as pair_order
    from owned
    inner join pairs
        on
            owned.scope = pairs.scope
            and owned.product_id = pairs.product_id
    left join owned_groups
        on
            owned.scope = owned_groups.scope
            and owned.customer_id = owned_groups.customer_id
            and pairs.other_group_id = owned_groups.product_group_id
    where owned_groups.product_group_id is null
    group by owned.scope, owned.customer_id, pairs.other_group_id
),

ranked as (
    select
        *,
        row_number() over (partition by scope, customer_id order by pair_order) as rank
    from suggested
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
