{#
    Clusters that may need a new customer id, with the record that it is derived from: the one created first, and among equals that of
    the smallest record_id; so a rebuild from nothing gives the same ids.
#}
with touched as (
    select record_id, cluster_key, is_contested
    from {{ ref('identity_id_touched') }}
    where cluster_key is not null and settled_customer_id is null and not is_gone
),

records as (
    select record_id, created_at from {{ ref('identity_records') }}
),

history as (
    select * from {{ ref('identity_id_history') }}
),

founders as (
    select
        touched.cluster_key,
        touched.is_contested,
        touched.record_id as founder_record_id,
        records.created_at as founder_created_at,
        {{ customer_id_of('touched.record_id') }} as customer_id
    from touched
    left join records on touched.record_id = records.record_id
    qualify row_number() over (partition by touched.cluster_key order by records.created_at nulls last, touched.record_id) = 1
),

used_ids as (
    select distinct new_customer_id from history
    where new_customer_id in (select founders.customer_id from founders)
),

-- Two records whose hashes collide: neither can have the id for certain.
colliding_ids as (
    select customer_id from founders
    group by customer_id
    having count(*) > 1
),

final as (
    select
        founders.cluster_key,
        founders.founder_record_id,
        founders.founder_created_at,
        founders.customer_id,
        founders.is_contested
        or used_ids.new_customer_id is not null
        or colliding_ids.customer_id is not null as is_undecided
    from founders
    left join used_ids on founders.customer_id = used_ids.new_customer_id
    left join colliding_ids on founders.customer_id = colliding_ids.customer_id
)

select * from final
