{{ config(schema='intermediate') }}
{% set priority = var('account_source_priority') %}
{% set public_domains = var('account_public_domains') %}

with records as (
    select * from {{ ref('int_account_source_records') }}
),

names as (
    select * from {{ ref('int_account_values') }}
    where value_kind = 'name'
),

sites as (
    select * from {{ ref('int_account_values') }}
    where
        value_kind = 'website'
        {% if public_domains %}
        and match_key not in ('{{ public_domains | join("', '") }}')
        {% endif %}
),

keyed as (
    select
        records.*,
        names.match_key as name_key,
        sites.match_key as domain,
        sites.domain_label,
        {{ street_key('records.street_address') }} as street_key,
        {{ name_key('records.city') }} as city_key,
        {{ name_key('records.postal_code') }} as postal_key
    from records
    left join names on records.account_name = names.raw_value
    left join sites on records.website = sites.raw_value
),

final as (
    select
        *,
        {{ house_number('street_key') }} as house_number,
        street_key || '|' || coalesce(postal_key, city_key) as address_key,
        -- Dense, because the accounts are always compared as a whole.
        cast(row_number() over (order by account_record_id) - 1 as integer) as record_key,
        {% if priority %}
        case source_name{% for source in priority %} when '{{ source }}' then {{ loop.index }}{% endfor %} else {{ priority | length + 1 }} end as source_rank
        {% else %}
        1 as source_rank
        {% endif %}
    from keyed
)

select * from final
