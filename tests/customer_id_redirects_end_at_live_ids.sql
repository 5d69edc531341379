-- A redirect leads from an id that no record has to one that records have: so there is no chain and no cycle. A merged id without a
-- redirect is one whose records are gone: following its merges step by step must not end at an id in use.
with recursive registry as (
    select customer_id, status, merged_into from {{ ref('customer_id_registry') }}
),

redirects as (
    select old_customer_id, current_customer_id from {{ ref('customer_id_redirects') }}
),

used as (
    select distinct customer_id from {{ ref('customer_ids') }}
),

followed as (
    select
        customer_id as old_customer_id,
        merged_into as reached_customer_id
    from registry
    where status = 'merged'
    union all
    select
        followed.old_customer_id,
        registry.merged_into as reached_customer_id
    from followed
    inner join registry on followed.reached_customer_id = registry.customer_id
    where registry.status = 'merged'
),

expected as (
    select
        followed.old_customer_id,
        followed.reached_customer_id as current_customer_id
    from followed
    inner join used on followed.reached_customer_id = used.customer_id
)

select
    coalesce(expected.old_customer_id, redirects.old_customer_id) as old_customer_id,
    expected.current_customer_id as expected_customer_id,
    redirects.current_customer_id
from expected
full outer join redirects
    on
        expected.old_customer_id = redirects.old_customer_id
        and expected.current_customer_id = redirects.current_customer_id
where expected.old_customer_id is null or redirects.old_customer_id is null
union all
select
    redirects.old_customer_id,
    cast(null as string) as expected_customer_id,
    redirects.current_customer_id
from redirects
inner join used on redirects.old_customer_id = used.customer_id
