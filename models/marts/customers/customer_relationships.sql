{#
    Different customers who belong together: a household, or people who use one contact point or one device. A value of more customers
    than `identity_relationship_max_customers` is no tie between any two of them (a mailbox of 200 customers would give 19,900 pairs).

    A household is people at one address, or with one phone number or card, who also bear one family name or of whom the linkage found records
    likelier of one household than of strangers; or both of the latter. An address alone may be a block of flats.
#}
with points as (
    select * from {{ ref('int_customer_contact_points') }}
    where
        customer_count between 2 and {{ var('identity_relationship_max_customers') }}
        and not is_junk
),

edges as (
    select left_customer_id, right_customer_id, edge_count from {{ ref('int_customer_household_edges') }}
),

together as (
    select
        l.customer_id as left_customer_id,
        r.customer_id as right_customer_id,
        l.kind,
        -- Shared from when both have shown it, until one of them last did.
        case when l.first_seen_at > r.first_seen_at then l.first_seen_at else coalesce(r.first_seen_at, l.first_seen_at) end
            as first_seen_at,
        case when l.last_seen_at > r.last_seen_at then l.last_seen_at else coalesce(r.last_seen_at, l.last_seen_at) end
            as last_seen_at
    from points as l
    inner join points as r
        on
            l.identifier_type = r.identifier_type
            and l.identifier_value = r.identifier_value
            and l.customer_id < r.customer_id
),

shared as (
    select
        left_customer_id,
        right_customer_id,
        {%- for type, kinds in {'household': "'address', 'phone', 'system id'", 'contact': "'email', 'phone', 'system id'", 'device': "'device'"}.items() %}
        min(case when kind in ({{ kinds }}) then first_seen_at end) as {{ type }}_first_seen_at,
        max(case when kind in ({{ kinds }}) then last_seen_at end) as {{ type }}_last_seen_at,
        {%- endfor %}
        sum(case when kind = 'address' then 1 else 0 end) as shared_address_count,
        sum(case when kind = 'email' then 1 else 0 end) as shared_email_count,
        sum(case when kind = 'phone' then 1 else 0 end) as shared_phone_count,
        sum(case when kind = 'device' then 1 else 0 end) as shared_device_count,
        sum(case when kind = 'system id' then 1 else 0 end) as shared_system_id_count
    from together
    group by left_customer_id, right_customer_id
),

pairs as (
    select left_customer_id, right_customer_id from shared
    union
    select left_customer_id, right_customer_id from edges
),

families as (
    select distinct ids.customer_id, features.family_sound
    from {{ ref('identity_features') }} as features
    inner join {{ ref('customer_ids') }} as ids on features.record_id = ids.record_id
    where features.family_sound is not null
),

one_family as (
    select distinct pairs.left_customer_id, pairs.right_customer_id
    from pairs
    inner join families as l on pairs.left_customer_id = l.customer_id
    inner join families as r on pairs.right_customer_id = r.customer_id and l.family_sound = r.family_sound
),

judged as (
    select
        pairs.left_customer_id,
        pairs.right_customer_id,
        {%- for kind in ['address', 'email', 'phone', 'device', 'system_id'] %}
        coalesce(shared.shared_{{ kind }}_count, 0) as shared_{{ kind }}_count,
        {%- endfor %}
        {%- for type in ['household', 'contact', 'device'] %}
        shared.{{ type }}_first_seen_at,
        shared.{{ type }}_last_seen_at,
        {%- endfor %}
        one_family.left_customer_id is not null as has_same_family_name,
        edges.left_customer_id is not null as has_household_evidence
    from pairs
    left join shared
        on pairs.left_customer_id = shared.left_customer_id and pairs.right_customer_id = shared.right_customer_id
    left join one_family
        on pairs.left_customer_id = one_family.left_customer_id and pairs.right_customer_id = one_family.right_customer_id
    left join edges
        on pairs.left_customer_id = edges.left_customer_id and pairs.right_customer_id = edges.right_customer_id
),

relationships as (
    select
        *,
        'household' as relationship_type,
        shared_address_count + shared_phone_count + shared_system_id_count as shared_value_count,
        household_first_seen_at as first_seen_at,
        household_last_seen_at as last_seen_at
    from judged
    where
        (shared_address_count + shared_phone_count + shared_system_id_count > 0 and (has_same_family_name or has_household_evidence))
        or (has_same_family_name and has_household_evidence)
    union all
    select
        *,
        'shared_contact' as relationship_type,
        shared_email_count + shared_phone_count + shared_system_id_count as shared_value_count,
        contact_first_seen_at as first_seen_at,
        contact_last_seen_at as last_seen_at
    from judged
    where shared_email_count + shared_phone_count + shared_system_id_count > 0
    union all
    select
        *,
        'shared_device' as relationship_type,
        shared_device_count as shared_value_count,
        device_first_seen_at as first_seen_at,
        device_last_seen_at as last_seen_at
    from judged
    where shared_device_count > 0
),

final as (
    select
        {{ stable_key(['left_customer_id', 'right_customer_id', 'relationship_type']) }} as relationship_id,
        left_customer_id,
        right_customer_id,
        relationship_type,
        cast(shared_value_count as bigint) as shared_value_count,
        {%- for kind in ['address', 'email', 'phone', 'device', 'system_id'] %}
        cast(shared_{{ kind }}_count as bigint) as shared_{{ kind }}_count,
        {%- endfor %}
        has_same_family_name,
        has_household_evidence,
        first_seen_at,
        last_seen_at
    from relationships
)

select * from final
