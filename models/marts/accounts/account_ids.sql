with recursive records as (
    select * from {{ ref('int_account_records') }}
),

parents as (
    select
        account_record_id,
        domain
    from {{ ref('int_account_records') }}
),

-- A subsidiary that shows the web site of its parent is not its parent.
identifiers as (
    select
        records.account_record_id,
        'domain' as identifier_type,
        records.domain as identifier_value
    from records
    left join parents on records.parent_record_id = parents.account_record_id
    where
        records.domain is not null
        and (parents.domain is null or parents.domain <> records.domain)
    union all
    select
        account_record_id,
        'name and address' as identifier_type,
        name_key || '|' || street_key || '|' || place_key as identifier_value
    from records
    where name_key || street_key || place_key is not null
),

counted as (
    select
        *,
        count(*) over (partition by identifier_type, identifier_value) as record_count
    from identifiers
),

-- Each record is tied to the first of its value: as many ties as records, however many share a value.
ties as (
    select
        account_record_id,
        min(account_record_id) over (partition by identifier_type, identifier_value) as hub_record_id
    from counted
    where
        record_count > 1
        and record_count <= {{ var('account_identifier_max_records') | int }}
),

edges as (
    select
        account_record_id,
        hub_record_id as other_record_id
    from ties
    where account_record_id <> hub_record_id
    union
    select
        hub_record_id as account_record_id,
        account_record_id as other_record_id
    from ties
    where account_record_id <> hub_record_id
),

reached as (
    select
        account_record_id,
        account_record_id as reached_record_id
    from records
    union
    select
        reached.account_record_id,
        edges.other_record_id as reached_record_id
    from reached
    inner join edges on reached.reached_record_id = edges.account_record_id
),

final as (
    select
        account_record_id,
        min(reached_record_id) as first_record_id
    from reached
    group by account_record_id
)

select
    account_record_id,
    'a' || left(md5(first_record_id), 16) as account_id
from final
