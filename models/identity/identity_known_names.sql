{{ config(materialized='trained') }}
-- depends_on: {{ ref('identity_run') }}
{#
    The words that records give as names, and as which: what is a name in an e-mail address (see identity_email_names) is known from
    these, in every language. A name that one record alone has may be a slip.
#}
with spellings as (
    select given_name as text_value, cast(count(*) as bigint) as given_count, cast(0 as bigint) as family_count
    from {{ ref('identity_records') }}
    where given_name is not null
    group by given_name
    union all
    select family_name as text_value, cast(0 as bigint) as given_count, cast(count(*) as bigint) as family_count
    from {{ ref('identity_records') }}
    where family_name is not null
    group by family_name
),

keys as (
    select
        {{ name_key("coalesce(transliterations.latin, spellings.text_value)") }} as name_key,
        spellings.given_count,
        spellings.family_count
    from spellings
    left join {{ ref('identity_transliterations') }} as transliterations on spellings.text_value = transliterations.text_value
),

-- Of several given names people use the first in an address; parts of a family name they write together.
words as (
    select
        case when given_count > 0 then split_part(name_key, ' ', 1) else replace(replace(name_key, ' ', ''), '-', '') end as name,
        given_count,
        family_count
    from keys
),

final as (
    select
        name,
        sum(given_count) as given_count,
        sum(family_count) as family_count
    from words
    where length(name) >= 3
    group by name
    having sum(given_count) + sum(family_count) >= 2
)

select * from final
