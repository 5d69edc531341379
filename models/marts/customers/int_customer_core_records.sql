{{ config(schema='intermediate', cluster_by='customer_id') }}

with recursive strong_sightings as (
    select
        customer_id,
        record_id,
        identifier_type,
        identifier_value
    from {{ ref('int_customer_identifier_sightings') }}
    where is_strong
),

-- A value that several customers carry linked nobody (a default or a shared value), so it proves nothing here either.
proving_values as (
    select
        identifier_type,
        identifier_value
    from strong_sightings
    group by identifier_type, identifier_value
    having
        count(distinct customer_id) = 1
        and count(*) > 1
),

proofs as (
    select
        strong_sightings.record_id,
        strong_sightings.customer_id,
        strong_sightings.identifier_type,
        strong_sightings.identifier_value
    from strong_sightings
    inner join proving_values
        on
            strong_sightings.identifier_type = proving_values.identifier_type
            and strong_sightings.identifier_value = proving_values.identifier_value
),

-- The core grows from the record that most others are tied to by proof.
weights as (
    select
        customer_id,
        record_id,
        sum(partners) as partners
    from (
        select
            customer_id,
            record_id,
            count(*) over (partition by identifier_type, identifier_value) as partners
        from proofs
    ) as shared
    group by customer_id, record_id
),

anchors as (
    select
        customer_id,
        record_id
    from (
        select
            customer_id,
            record_id,
            row_number() over (partition by customer_id order by partners desc, record_id) as place
        from weights
    ) as numbered
    where place = 1
),

reached as (
    {{ records_reached_by_proof('reached', 'anchors', 'proofs') }}
)

select
    customer_id,
    record_id
from reached
