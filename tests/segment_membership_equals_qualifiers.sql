-- The open stays are exactly those who qualify now and whose time is not over: nobody stale stays in, nobody new is left out.
with qualifiers as (
    select qualifiers.customer_id, qualifiers.segment_name
    from {{ ref('int_segment_qualifiers') }} as qualifiers
    left join {{ ref('segment_membership_history') }} as spent
        on
            spent.is_spent
            and qualifiers.customer_id = spent.customer_id
            and qualifiers.segment_name = spent.segment_name
    where spent.customer_id is null
)

(
    select
        customer_id,
        segment_name,
        'in without qualifying' as problem
    from {{ ref('segment_membership') }}
    except
    select
        customer_id,
        segment_name,
        'in without qualifying' as problem
    from qualifiers
)
union all
(
    select
        customer_id,
        segment_name,
        'qualifies without being in' as problem
    from qualifiers
    except
    select
        customer_id,
        segment_name,
        'qualifies without being in' as problem
    from {{ ref('segment_membership') }}
)
