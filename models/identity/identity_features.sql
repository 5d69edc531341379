{#
    What the linkage compares: match keys of every record under a dense integer key. The key follows the order of record_id, so that
    the order in which rows arrive changes nothing.
#}
{%- set extras = var('identity_extra_attributes') -%}
{%- set counted = frequency_attributes() -%}

with records as (
    select *
    from {{ ref('identity_records') }}
    where is_identifiable
),

transliterations as (
    select text_value, latin from {{ ref('identity_transliterations') }}
),

nicknames as (
    select name, min(root) as root, {{ sorted_array_agg('root') }} as roots
    from {{ ref('nicknames') }}
    group by name
),

-- A value that proves nothing neither finds a pair nor weighs one.
junk as (
    select identifier_type, identifier_value from {{ ref('identity_junk_identifiers') }}
),

keys as (
    select
        cast(row_number() over (order by records.record_id) - 1 as integer) as record_key,
        records.record_id,
        records.source_name,
        {{ name_key("coalesce(given.latin, records.given_name)") }} as given_key,
        {{ name_key("coalesce(family.latin, records.family_name)") }} as family_key,
        replace(cast(records.birth_date as varchar), '-', '') as birth_day,
        records.gender,
        case when junk_email.identifier_value is null then records.email end as email,
        case when junk_email.identifier_value is null then split_part(records.email, '@', 1) end as email_local,
        case when junk_phone.identifier_value is null then records.phone end as phone,
        case when junk_secondary.identifier_value is null then records.secondary_phone end as secondary_phone,
        {{ street_key("coalesce(street.latin, records.street_address)") }} as street_key,
        {{ name_key("coalesce(city.latin, records.city)") }} as city_key,
        replace(replace(lower(records.postal_code), ' ', ''), '-', '') as postal_key,
        {%- for name in extras %}
        lower(trim(records.{{ name }})) as {{ name }},
        {%- endfor %}
        records.country
    from records
    left join transliterations as given on records.given_name = given.text_value
    left join transliterations as family on records.family_name = family.text_value
    left join transliterations as street on records.street_address = street.text_value
    left join transliterations as city on records.city = city.text_value
    left join junk as junk_email on records.email = junk_email.identifier_value and junk_email.identifier_type = 'email'
    left join junk as junk_phone on records.phone = junk_phone.identifier_value and junk_phone.identifier_type = 'phone'
    left join junk as junk_secondary
        on records.secondary_phone = junk_secondary.identifier_value and junk_secondary.identifier_type = 'phone'
),

names as (
    select
        keys.*,
        {{ fold_digraphs('given_key') }} as given_folded,
        {{ fold_digraphs('family_key') }} as family_folded
    from keys
),

-- How many records have a value: the chance that two strangers share it, and so the weight of an agreement on it.
{%- for column in counted %}
{{ column }}_counts as (
    select {{ column }}, count(*) as record_count
    from keys
    where {{ column }} is not null
    group by {{ column }}
),
{%- endfor %}

totals as (
    select count(*) as record_count from keys
),

final as (
    select
        names.record_key,
        names.record_id,
        names.source_name,
        names.given_key,
        nicknames.roots as given_roots,
        coalesce(nicknames.root, split_part(names.given_key, ' ', 1)) as given_root,
        {{ phonetic_key('names.given_folded') }} as given_sound,
        names.family_key,
        {{ phonetic_key('names.family_folded') }} as family_sound,
        names.birth_day,
        names.gender,
        names.email,
        names.email_local,
        names.phone,
        names.secondary_phone,
        names.street_key,
        {{ house_number("names.street_key") }} as house_number,
        names.city_key,
        names.postal_key,
        names.country,
        {%- for name in extras %}
        names.{{ name }},
        {%- endfor %}
        {%- for column in counted %}
        cast(coalesce({{ column }}_counts.record_count, 0) as integer) as {{ column }}_count,
        {%- endfor %}
        cast(totals.record_count as integer) as record_count
    from names
    cross join totals
    left join nicknames on split_part(names.given_key, ' ', 1) = nicknames.name
    {%- for column in counted %}
    left join {{ column }}_counts on names.{{ column }} = {{ column }}_counts.{{ column }}
    {%- endfor %}
)

select * from final
