{{ config(enabled=var('segment_enabled'), schema='intermediate') }}

-- A browser that several people logged in from belongs to none of them: guessing would mix their behavior.
with browsers as (
    select
        'anonymous_id' as identifier_type,
        identifier_value,
        customer_id
    from {{ ref('customer_identifiers') }}
    where
        identifier_type = 'anonymous_id'
        and not is_shared
),

logins as (
    select
        'user_id' as identifier_type,
        records.source_record_id as identifier_value,
        customer_ids.customer_id
    from {{ ref('identity_records') }} as records
    inner join {{ ref('customer_ids') }} as customer_ids
        on records.record_id = customer_ids.record_id
    where
        records.source_name = 'segment'
        and records.entity = 'user'
)

select identifier_type, identifier_value, customer_id from browsers
union all
select identifier_type, identifier_value, customer_id from logins
