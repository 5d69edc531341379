{{ config(schema='intermediate', materialized='view') }}
{#
    What the sources themselves say of two of their records: the same company (an id that one tool keeps of another), or a company and its
    parent, which are two accounts however alike they are.
#}
with records as (
    select * from {{ ref('int_account_records') }}
),

stated as (
    select
        records.record_key,
        others.record_key as other_key,
        true as is_same
    from records
    inner join records as others on records.same_as_record_id = others.account_record_id
    union
    select
        records.record_key,
        parents.record_key as other_key,
        false as is_same
    from records
    inner join records as parents on records.parent_record_id = parents.account_record_id
),

final as (
    select distinct
        least(record_key, other_key) as left_key,
        greatest(record_key, other_key) as right_key,
        is_same,
        cast(1 as double) as strength,
        false as is_manual,
        true as is_absolute
    from stated
    where record_key <> other_key
)

select * from final
