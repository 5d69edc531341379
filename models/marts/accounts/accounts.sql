with recursive records as (
    select
        records.*,
        account_ids.account_id,
        row_number() over (partition by account_ids.account_id order by records.source_rank, records.account_record_id) as record_rank,
        -- Address parts stay together: a complete address first, then by source.
        row_number() over (
            partition by account_ids.account_id
            order by
                case when records.street_address is not null and coalesce(records.city, records.postal_code) is not null then 0 else 1 end,
                case when coalesce(records.street_address, records.city, records.postal_code) is not null then 0 else 1 end,
                records.source_rank,
                records.account_record_id
        ) as address_rank
    from {{ ref('int_account_records') }} as records
    inner join {{ ref('account_ids') }} as account_ids on records.account_record_id = account_ids.account_record_id
),

{% set attributes = ['account_name', 'domain', 'industry', 'employee_count', 'annual_revenue', 'founded_year', 'phone', 'country'] %}
golden as (
    select
        account_id,
        {% for attribute in attributes %}
        min_by({{ attribute }}, record_rank) filter (where {{ attribute }} is not null) as {{ attribute }},
        {% endfor %}
        count(*) as record_count,
        {{ sorted_list('source_name') }} as sources
    from records
    group by account_id
),

addresses as (
    select
        account_id,
        street_address,
        city,
        region,
        postal_code,
        country as address_country
    from records
    where address_rank = 1
),

stated_parents as (
    select
        records.account_id,
        parents.account_id as parent_account_id,
        row_number() over (partition by records.account_id order by records.record_rank) as place
    from records
    inner join {{ ref('account_ids') }} as parents on records.parent_record_id = parents.account_record_id
    where records.account_id <> parents.account_id
),

parents as (
    select
        account_id,
        parent_account_id
    from stated_parents
    where place = 1
),

-- Upwards, until there is no parent; whoever meets themselves again is in a circle, and no step goes round it twice.
climb as (
    select
        account_id,
        parent_account_id as ancestor_id,
        1 as level
    from parents
    union all
    select
        climb.account_id,
        parents.parent_account_id as ancestor_id,
        climb.level + 1 as level
    from climb
    inner join parents on climb.ancestor_id = parents.account_id
    where
        climb.ancestor_id <> climb.account_id
        and climb.level < 50
),

tops as (
    select
        climb.account_id,
        max(climb.level) as hierarchy_level,
        max(case when parents.account_id is null then climb.ancestor_id end) as top_account_id
    from climb
    left join parents on climb.ancestor_id = parents.account_id
    group by climb.account_id
),

contacts as (
    select
        account_id,
        count(*) as contact_count,
        count(*) filter (where is_primary_account) as primary_contact_count
    from {{ ref('account_contacts') }}
    group by account_id
),

final as (
    select
        golden.*,
        addresses.street_address,
        addresses.city,
        addresses.region,
        addresses.postal_code,
        addresses.address_country,
        parents.parent_account_id,
        case when parents.account_id is null then golden.account_id else tops.top_account_id end as top_account_id,
        -- Accounts of a circle have no top, so they have no level either.
        case when parents.account_id is null then 0 when tops.top_account_id is not null then tops.hierarchy_level end as hierarchy_level,
        coalesce(contacts.contact_count, 0) as contact_count,
        coalesce(contacts.primary_contact_count, 0) as primary_contact_count
    from golden
    left join addresses on golden.account_id = addresses.account_id
    left join parents on golden.account_id = parents.account_id
    left join tops on golden.account_id = tops.account_id
    left join contacts on golden.account_id = contacts.account_id
)

select
    account_id,
    account_name,
    domain,
    industry,
    employee_count,
    annual_revenue,
    founded_year,
    phone,
    street_address,
    city,
    region,
    postal_code,
    coalesce(address_country, country) as country,
    cast(record_count as bigint) as record_count,
    sources,
    parent_account_id,
    top_account_id,
    cast(hierarchy_level as integer) as hierarchy_level,
    cast(contact_count as bigint) as contact_count,
    cast(primary_contact_count as bigint) as primary_contact_count
from final
