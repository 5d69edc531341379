{{ config(materialized='trained') }}
-- depends_on: {{ ref('identity_run') }}
{#
    Identifier values that prove nothing: listed in the seed, or borne by more different names than any household has. The names behind
    a default value or a shared mailbox are as many as its records, those behind a person or a family are few however many records
    there are; so names are counted and not records. Family names count, by their sound, so that spellings of one name are one; a
    record without a family name counts by its given name.

    A table, because it belongs to the match weights: values are left out of the features that the weights are learned from.
#}
{%- set minimum = var('identity_junk_minimum_names') -%}

with identifiers as (
    select identifier_type, identifier_value, record_id from {{ ref('identity_record_identifiers') }}
),

seed as (
    select distinct identifier_type, lower(trim(identifier_value)) as identifier_value from {{ ref('junk_identifiers') }}
),

-- Few values have so many records at all; only of these are names looked at.
frequent as (
    select identifier_type, identifier_value, count(*) as record_count
    from identifiers
    group by identifier_type, identifier_value
    having {{ 'count(*) >= ' ~ minimum if minimum else 'false' }}
),

bearers as (
    select
        frequent.identifier_type,
        frequent.identifier_value,
        {{ name_key("coalesce(transliterations.latin, records.family_name, records.given_name)") }} as name
    from frequent
    inner join identifiers
        on frequent.identifier_type = identifiers.identifier_type and frequent.identifier_value = identifiers.identifier_value
    inner join {{ ref('identity_records') }} as records on identifiers.record_id = records.record_id
    left join {{ ref('identity_transliterations') }} as transliterations
        on coalesce(records.family_name, records.given_name) = transliterations.text_value
),

folded as (
    select distinct identifier_type, identifier_value, {{ fold_digraphs('name') }} as name
    from bearers
    where name is not null
),

named as (
    select identifier_type, identifier_value, count(distinct {{ phonetic_key('name') }}) as name_count
    from folded
    group by identifier_type, identifier_value
),

listed as (
    select identifiers.identifier_type, identifiers.identifier_value, count(*) as record_count
    from identifiers
    inner join seed
        on
            lower(identifiers.identifier_value) = seed.identifier_value
            and (
                identifiers.identifier_type = seed.identifier_type
                or (seed.identifier_type = 'system_id' and identifiers.identifier_type not in ('email', 'phone'))
            )
    group by identifiers.identifier_type, identifiers.identifier_value
),

found as (
    select identifier_type, identifier_value, 'seed' as reason, record_count, cast(null as bigint) as name_count
    from listed
    union all
    select
        frequent.identifier_type,
        frequent.identifier_value,
        'frequency' as reason,
        frequent.record_count,
        named.name_count
    from frequent
    inner join named
        on frequent.identifier_type = named.identifier_type and frequent.identifier_value = named.identifier_value
    where named.name_count >= {{ minimum }}
),

final as (
    select
        identifier_type,
        identifier_value,
        max(reason) as reason,
        max(record_count) as record_count,
        max(name_count) as name_count
    from found
    group by identifier_type, identifier_value
)

select * from final
