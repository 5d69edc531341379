-- Every identifiable record is in exactly one cluster and has exactly one customer id; one that says nothing about a person has neither.
with records as (
    select record_id, is_identifiable from {{ ref('identity_records') }}
),

clusters as (
    select record_id, count(*) as row_count from {{ ref('identity_clusters') }}
    group by record_id
),

customers as (
    select record_id, count(customer_id) as row_count from {{ ref('customer_ids') }}
    group by record_id
),

counted as (
    select
        coalesce(records.record_id, clusters.record_id, customers.record_id) as record_id,
        case when records.is_identifiable then 1 else 0 end as expected,
        coalesce(clusters.row_count, 0) as cluster_count,
        coalesce(customers.row_count, 0) as customer_count
    from records
    full outer join clusters on records.record_id = clusters.record_id
    full outer join customers on coalesce(records.record_id, clusters.record_id) = customers.record_id
)

select * from counted
where cluster_count <> expected or customer_count <> expected
