{#
    Names that a record leaves out but its e-mail address tells: ada.king@, king.ada@, adaking85@, ada85@, aking@. What is a name is known
    from the other records, so it works in every language and takes no mailbox of an office for a person. An increment reads the
    addresses of the records that have changed.
#}
{%- set is_increment = identity_is_increment() -%}
-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_changes') }}
with records as (
    select
        records.record_id,
        {{ name_key("coalesce(given.latin, records.given_name)") }} as given_key,
        {{ name_key("coalesce(family.latin, records.family_name)") }} as family_key,
        {{ email_local("records.email") }} as email_local
    from {{ ref('identity_records') }} as records
    left join {{ ref('identity_transliterations') }} as given on records.given_name = given.text_value
    left join {{ ref('identity_transliterations') }} as family on records.family_name = family.text_value
    {% if is_increment %}
    inner join {{ ref('identity_changes') }} as changes on records.record_id = changes.record_id
    {% endif %}
    where records.is_identifiable and records.email is not null and (records.given_name is null or records.family_name is null)
),

names as (
    select name, given_count, family_count from {{ ref('identity_known_names') }}
),

incomplete as (
    select
        record_id,
        given_key,
        replace(replace(family_key, ' ', ''), '-', '') as family_key,
        trim({{ replace_pattern(replace_pattern("email_local", "[0-9]+", ""), "[._-]+", " ") }}) as local_part
    from records
),

local_parts as (
    select distinct local_part
    from incomplete
    where {{ matches_pattern('local_part', '^[a-z]{3,30}$') }} or {{ matches_pattern('local_part', '^[a-z]{1,30} [a-z]{1,30}$') }}
),

-- An undivided local part may be one word, or two of which the first ends anywhere.
words as (
    select local_part, split_part(local_part, ' ', 1) as first_word, split_part(local_part, ' ', 2) as second_word, true as is_divided
    from local_parts
    where contains(local_part, ' ')
    union all
    select
        local_parts.local_part,
        left(local_parts.local_part, cast(ends.i as integer)) as first_word,
        substr(local_parts.local_part, cast(ends.i as integer) + 1) as second_word,
        false as is_divided
    from local_parts
    inner join {{ integer_series(31) }} as ends on ends.i between 1 and length(local_parts.local_part)
    where not contains(local_parts.local_part, ' ')
),

known as (
    select
        words.local_part,
        words.first_word,
        words.second_word,
        words.is_divided,
        coalesce(first_name.given_count, 0) as first_given,
        coalesce(first_name.family_count, 0) as first_family,
        coalesce(second_name.given_count, 0) as second_given,
        coalesce(second_name.family_count, 0) as second_family
    from words
    left join names as first_name on words.first_word = first_name.name
    left join names as second_name on words.second_word = second_name.name
),

readings as (
    select local_part, first_word as given_key, second_word as family_key, null as initial, 2 as rank, first_given * second_family as support
    from known
    where first_given > 0 and second_family > 0
    union all
    select local_part, second_word as given_key, first_word as family_key, null as initial, 2 as rank, second_given * first_family as support
    from known
    where second_given > 0 and first_family > 0
    union all
    select local_part, first_word as given_key, null as family_key, null as initial, 1 as rank, first_given as support
    from known
    where second_word = '' and first_given > first_family
    union all
    select local_part, null as given_key, first_word as family_key, null as initial, 1 as rank, first_family as support
    from known
    where second_word = '' and first_family >= first_given and first_family > 0
    union all
    select local_part, null as given_key, second_word as family_key, first_word as initial, 3 as rank, second_family as support
    from known
    where length(first_word) = 1 and second_family > second_given
    union all
    select local_part, null as given_key, first_word as family_key, second_word as initial, 3 as rank, first_family as support
    from known
    where length(second_word) = 1 and first_family > first_given
    union all
    select local_part, first_word as given_key, second_word as family_key, null as initial, 4 as rank, first_given as support
    from known
    where is_divided and first_given > first_family and length(second_word) >= 3
    union all
    select local_part, null as given_key, second_word as family_key, null as initial, 4 as rank, second_family as support
    from known
    where is_divided and second_family > second_given and length(first_word) >= 3
),

best_readings as (
    select local_part, given_key, family_key, initial
    from readings
    qualify row_number() over (partition by local_part order by rank, support desc, given_key nulls last, family_key nulls last) = 1
),

-- An address that contradicts what the record says is somebody else's.
final as (
    select
        incomplete.record_id,
        best_readings.given_key,
        best_readings.family_key
    from incomplete
    inner join best_readings on incomplete.local_part = best_readings.local_part
    where
        (
            incomplete.given_key is null
            or coalesce(best_readings.given_key, best_readings.initial) is null
            or left(incomplete.given_key, 1) = left(coalesce(best_readings.given_key, best_readings.initial), 1)
        )
        and (
            incomplete.family_key is null
            or best_readings.family_key is null
            or incomplete.family_key = best_readings.family_key
        )
)

select * from final
