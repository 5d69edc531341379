-- Nobody is related to himself, and no pair stands in both directions.
select relationship_id, left_customer_id, right_customer_id from {{ ref('customer_relationships') }}
where left_customer_id >= right_customer_id
