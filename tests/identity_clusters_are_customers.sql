-- Within a run a cluster is a customer: no cluster has two customer ids and no customer id stands for two clusters.
with members as (
    select
        clusters.cluster_key,
        customers.customer_id
    from {{ ref('identity_clusters') }} as clusters
    inner join {{ ref('customer_ids') }} as customers on clusters.record_id = customers.record_id
),

split as (
    select 'cluster' as kind, cast(cluster_key as string) as kind_key, count(distinct customer_id) as partners
    from members
    group by cluster_key
),

shared as (
    select 'customer' as kind, customer_id as kind_key, count(distinct cluster_key) as partners
    from members
    group by customer_id
)

select * from split
where partners <> 1
union all
select * from shared
where partners <> 1
