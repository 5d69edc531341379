-- What gives pairs is shared by few: no shared value of a pair has more customers than identity_relationship_max_customers.
with relationships as (
    select * from {{ ref('customer_relationships') }}
),

crowded as (
    select
        l.customer_id as left_customer_id,
        r.customer_id as right_customer_id,
        count(*) filter (where not l.is_junk and l.customer_count <= {{ var('identity_relationship_max_customers') }}) as value_count
    from {{ ref('int_customer_contact_points') }} as l
    inner join {{ ref('int_customer_contact_points') }} as r
        on
            l.identifier_type = r.identifier_type
            and l.identifier_value = r.identifier_value
            and l.customer_id < r.customer_id
            -- Bounded, because a crowd has as many pairs as its square.
            and l.customer_count <= 20 * {{ var('identity_relationship_max_customers') }}
    group by l.customer_id, r.customer_id
)

select relationships.relationship_id, relationships.shared_value_count, crowded.value_count
from relationships
left join crowded
    on
        relationships.left_customer_id = crowded.left_customer_id
        and relationships.right_customer_id = crowded.right_customer_id
where relationships.shared_value_count > coalesce(crowded.value_count, 0)
