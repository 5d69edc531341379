-- The ledger's open stays are exactly those who qualify now: nobody stale stays in, nobody new is left out.
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
    from {{ ref('int_segment_qualifiers') }}
)
union all
(
    select
        customer_id,
        segment_name,
        'qualifies without being in' as problem
    from {{ ref('int_segment_qualifiers') }}
    except
    select
        customer_id,
        segment_name,
        'qualifies without being in' as problem
    from {{ ref('segment_membership') }}
)
