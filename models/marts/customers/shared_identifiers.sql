{#
    Identifiers of more customers than their type allows, without the value itself: what is shared is known by its hash, so that a
    dashboard of shared mailboxes is no list of mailboxes.
#}
{%- set types = var('identity_identifier_types') -%}

with points as (
    select * from {{ ref('int_customer_contact_points') }}
),

grouped as (
    select
        identifier_type,
        identifier_value,
        kind,
        bool_or(is_junk) as is_junk,
        max(customer_count) as customer_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from points
    where customer_count > 1 or is_junk
    group by identifier_type, identifier_value, kind
),

limited as (
    select
        *,
        case
            {%- for name, type in types.items() if type.max_customers is defined %}
            when {{ "kind" if name == "device" else "identifier_type" }} = '{{ name }}' then {{ type.max_customers }}
            {%- endfor %}
            -- What proves a person is one customer's; how many people live at an address says nothing about them.
            when kind = 'system id' then 1
        end as max_customers
    from grouped
),

final as (
    select
        identifier_type,
        {{ sha256_hex("identifier_type || ':' || identifier_value") }} as identifier_hash,
        {{ mask_value('identifier_value') }} as masked_value,
        cast(customer_count as bigint) as customer_count,
        cast(max_customers as bigint) as max_customers,
        case
            when is_junk then 'junk value'
            when customer_count > {{ var('identity_relationship_max_customers') }} then 'too many customers to be related'
            else 'more customers than one identifier has'
        end as reason,
        not is_junk and customer_count <= {{ var('identity_relationship_max_customers') }} as is_relationship,
        first_seen_at,
        last_seen_at
    from limited
    where
        is_junk
        or customer_count > max_customers
        or customer_count > {{ var('identity_relationship_max_customers') }}
)

select * from final
