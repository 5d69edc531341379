{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
{#
    What the linkage compares: match keys of every record under an integer key. The keys of a name, a street or a town are made once for
    each distinct spelling. In a full run the record keys follow the order of record_id, so that the order in which rows arrive changes
    nothing.
#}
{%- set extras = var('identity_extra_attributes') -%}
{%- set told_by_email = ['given', 'family'] -%}
{%- set values = ['given_key', 'family_key', 'cast(generation as string)', 'birth_day', 'gender', 'email', 'phone', 'secondary_phone', 'street_key', 'city_key', 'postal_key'] + extras %}
{%- set texts = {'given_name': 'given', 'family_name': 'family', 'street_address': 'street', 'city': 'city'} -%}
-- depends_on: {{ ref('identity_run') }}

-- depends_on: {{ ref('identity_changes') }}
with transliterations as (
    select text_value, latin from {{ ref('identity_transliterations') }}
),

nicknames as (
    select name, min(root) as root, {{ sorted_array_agg('root') }} as roots
    from {{ ref('nicknames') }}
    group by name
),

-- Names that only the e-mail address of a record tells.
email_names as (
    select record_id, given_key, family_key from {{ ref('identity_email_names') }}
),

-- A value that proves nothing neither finds a pair nor weighs one.
junk as (
    select identifier_type, identifier_value from {{ ref('identity_junk_identifiers') }}
),

records as (
    select
        {% if is_incremental() %}
        changes.record_key,
        {% else %}
        cast(row_number() over (order by records.record_id) - 1 as integer) as record_key,
        {% endif %}
        {{ record_hash('records') }} as content_hash,
        records.*
    from {{ ref('identity_records') }} as records
    {% if is_incremental() %}
    inner join {{ ref('identity_changes') }} as changes on records.record_id = changes.record_id and changes.change <> 'deleted'
    {% endif %}
    where records.is_identifiable
),

{% for column, name in texts.items() %}
{{ name }}_texts as (
    select
        spellings.text_value,
        coalesce(transliterations.latin, spellings.text_value) as latin
    from (
        select distinct {{ column }} as text_value from {{ "records" if is_incremental() else ref('identity_records') }}
        {%- if name in told_by_email %}
        union
        select {{ name }}_key as text_value from email_names
        {%- endif %}
    ) as spellings
    left join transliterations on spellings.text_value = transliterations.text_value
    where spellings.text_value is not null
),

{% endfor %}
given_keys as (
    select text_value, {{ name_key('latin') }} as given_key
    from given_texts
),

given_folded as (
    select text_value, given_key, {{ fold_digraphs('given_key') }} as folded
    from given_keys
),

given as (
    select
        given_folded.text_value,
        given_folded.given_key,
        nicknames.roots as given_roots,
        coalesce(nicknames.root, split_part(given_folded.given_key, ' ', 1)) as given_root,
        {{ phonetic_key('given_folded.folded') }} as given_sound
    from given_folded
    left join nicknames on split_part(given_folded.given_key, ' ', 1) = nicknames.name
),

family_names as (
    select text_value, {{ name_key('latin') }} as whole_key
    from family_texts
),

family_keys as (
    select text_value, {{ without_generation('whole_key') }} as family_key, {{ generation_of('whole_key') }} as generation
    from family_names
),

family_folded as (
    select text_value, family_key, generation, {{ fold_digraphs('family_key') }} as folded
    from family_keys
),

family as (
    select text_value, family_key, generation, {{ phonetic_key('folded') }} as family_sound
    from family_folded
),

street_keys as (
    select text_value, {{ street_key('latin') }} as street_key
    from street_texts
),

street as (
    select text_value, street_key, {{ house_number('street_key') }} as house_number
    from street_keys
),

city as (
    select text_value, {{ name_key('latin') }} as city_key
    from city_texts
),

keyed as (
    select
        records.record_key,
        records.record_id,
        records.content_hash,
        records.source_name,
        given.given_key,
        given.given_roots,
        given.given_root,
        given.given_sound,
        family.family_key,
        family.family_sound,
        family.generation,
        replace(cast(records.birth_date as string), '-', '') as birth_day,
        records.gender,
        case when junk_email.identifier_value is null then {{ email_key("records.email") }} end as email,
        case when junk_email.identifier_value is null then {{ email_local("records.email") }} end as email_local,
        case when junk_email.identifier_value is null then {{ email_domain("records.email") }} end as email_domain,
        case when junk_phone.identifier_value is null then records.phone end as phone,
        case when junk_secondary.identifier_value is null then records.secondary_phone end as secondary_phone,
        street.street_key,
        street.house_number,
        city.city_key,
        replace(replace(lower(records.postal_code), ' ', ''), '-', '') as postal_key,
        {%- for name in extras %}
        lower(trim(records.{{ name }})) as {{ name }},
        {%- endfor %}
        {%- for type in declared_identifier_types() %}
        records.{{ type }}_identifier,
        {%- endfor %}
        records.country
    from records
    left join email_names on records.record_id = email_names.record_id
    {%- for column, name in texts.items() %}
    left join {{ name }} on {{ "coalesce(records." ~ column ~ ", email_names." ~ name ~ "_key)" if name in told_by_email else "records." ~ column }} = {{ name }}.text_value
    {%- endfor %}
    left join junk as junk_email on records.email = junk_email.identifier_value and junk_email.identifier_type = 'email'
    left join junk as junk_phone on records.phone = junk_phone.identifier_value and junk_phone.identifier_type = 'phone'
    left join junk as junk_secondary
        on records.secondary_phone = junk_secondary.identifier_value and junk_secondary.identifier_type = 'phone'
),

final as (
    select
        keyed.*,
        -- Of records that say less, agreement in all they say means little.
        case
            when keyed.given_key is not null and keyed.family_key is not null and coalesce(keyed.email, keyed.phone) is not null
                then {{ hash_key(["'values'", "concat_ws('|', coalesce(" ~ values | join(", ''), coalesce(") ~ ", ''))"]) }}
        end as alike_key
    from keyed
)

select * from final
