{{ config(
    schema='intermediate',
    cluster_by='customer_id',
    materialized='incremental',
    incremental_strategy='restate',
    unique_key=['identifier_type', 'identifier_value'],
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'logged': {'identifier_type': 'identifier_type', 'identifier_value': 'identifier_value'}}}
) }}

with identifiers as (
    select record_id, identifier_type, identifier_value
    from {{ ref('identity_record_identifiers') }}
    where identifier_type in ('user_id', 'email', 'phone')
),

customer_ids as (
    select record_id, customer_id from {{ ref('customer_ids') }}
),

-- A value that several customers carry tells nobody apart. The record of the web events themselves speaks for its customer first.
final as (
    select
        identifiers.identifier_type,
        identifiers.identifier_value,
        min(customer_ids.customer_id) as customer_id,
        coalesce(
            min(case when identifiers.record_id like 'segment:%' then identifiers.record_id end),
            min(identifiers.record_id)
        ) as record_id
    from identifiers
    inner join customer_ids on identifiers.record_id = customer_ids.record_id
    group by identifiers.identifier_type, identifiers.identifier_value
    having min(customer_ids.customer_id) = max(customer_ids.customer_id)
)

select * from final
