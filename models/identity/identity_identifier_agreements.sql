{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
{#
    Pairs of records that share a strong identifier, with what else identifies a person weighed: names, birth date and gender. A couple
    may share a card and a user id may be given to the next one; then records agree on the identifier and disagree as persons.

    Where all records of a value agree or say nothing, linking each to the first one is enough. Where they do not, all their pairs are
    looked at, so that each record can find those of its own person. A value over its limit is kept, for its first record only.

    Many records alike in all they say share a value, too: a guest who orders every day would fill the blocks over their cap, so that none of
    these records were compared with any other. There may be thousands of them: their pairs, which all say the same, are then not looked at
    even if something is decided about one, and as no customer may have so many, each so many as one may have are linked to a first of their own.
#}
{%- set part_records = var('identity_max_cluster_records') | int -%}
{%- set types = var('identity_identifier_types') -%}
{%- set person = ['given_key', 'family_key', 'birth_day', 'gender'] -%}

-- depends_on: {{ ref('identity_touched_identifiers') }}
with junk as (
    select identifier_type, identifier_value from {{ ref('identity_junk_identifiers') }}
),

-- Records about which something is decided may have to part, whatever they say.
decided as (
    select left_record_id as record_id from {{ ref('identity_overrides') }}
    where is_active and decision = 'cannot_link'
    union
    select right_record_id as record_id from {{ ref('identity_overrides') }}
    where is_active and decision = 'cannot_link'
    union
    select record_id from {{ ref('identity_kept_apart') }}
),

all_identifiers as (
    {{ strong_identifiers_sql(ref('identity_features')) }}
),

-- Most values have one record, of which nothing more is asked.
repeated as (
    select identifier_key
    from all_identifiers
    {% if is_incremental() %}
    where identifier_key in (select identifier_key from {{ ref('identity_touched_identifiers') }})
    {% endif %}
    group by identifier_key, identifier_type
    having count(*) > case identifier_type when 'values' then {{ var('identity_alike_records') }} else 1 end
),

identifiers as (
    select all_identifiers.*
    from all_identifiers
    semi join repeated on all_identifiers.identifier_key = repeated.identifier_key
),

known as (
    select
        identifiers.identifier_type,
        identifiers.identifier_value,
        identifiers.identifier_key,
        features.record_id,
        features.record_key,
        {%- for column in person %}
        features.{{ column }},
        {%- endfor %}
        {%- if part_records %}
        case
            when identifiers.identifier_type = 'values'
                then floor((row_number() over (partition by identifiers.identifier_key order by features.record_id) - 1) / {{ part_records }})
            else 0
        end as part,
        {%- else %}
        0 as part,
        {%- endif %}
        decided.record_id is not null as is_decided
    from identifiers
    inner join {{ ref('identity_features') }} as features on identifiers.record_key = features.record_key
    left join decided on features.record_id = decided.record_id
    left join junk
        on identifiers.identifier_type = junk.identifier_type and identifiers.identifier_value = junk.identifier_value
    where junk.identifier_type is null
),

shared as (
    select
        identifier_key,
        identifier_type,
        count(*) as record_count,
        coalesce(
            bool_or(is_decided)
            {%- for column in person %}
            or min({{ column }}) <> max({{ column }})
            {%- endfor %},
            false
        )
        and (identifier_type <> 'values' or count(*) <= {{ var('identity_block_cap') }}) as is_disputed,
        count(*) > case identifier_type
            {% for name, type in types.items() if type.is_strong %}
            when '{{ name }}' then {{ type.max_records }}
            {% endfor %}
            when 'values' then count(*)
            else 0
        end as is_over_limit
    from known
    group by identifier_key, identifier_type
    having count(*) > 1
),

values_of as (
    select
        shared.*,
        known.record_key,
        min_by(known.record_key, known.record_id) over (partition by known.identifier_key, known.part) as first_key
    from shared
    inner join known on shared.identifier_key = known.identifier_key
),

pairs as (
    select
        least(first_key, record_key) as left_key,
        greatest(first_key, record_key) as right_key,
        identifier_key,
        identifier_type,
        record_count,
        is_over_limit
    from values_of
    where first_key <> record_key and (is_over_limit or not is_disputed)
    union all
    select
        l.record_key as left_key,
        r.record_key as right_key,
        l.identifier_key,
        l.identifier_type,
        l.record_count,
        l.is_over_limit
    from values_of as l
    inner join values_of as r on l.identifier_key = r.identifier_key and l.record_key < r.record_key
    where l.is_disputed and not l.is_over_limit
),

compared as (
    select pairs.*, {{ pattern_sql() }} as pattern
    from pairs
    inner join {{ ref('identity_features') }} as l on pairs.left_key = l.record_key
    inner join {{ ref('identity_features') }} as r on pairs.right_key = r.record_key
),

patterns as (
    select distinct pattern from compared
),

weights as (
    select
        weights.comparison_number,
        weights.level,
        log2(weights.m) as m_bits,
        log2(weights.u) as u_bits,
        log2(weights.h) as h_bits,
        case when levels.is_person then 1 else 0 end as is_person
    from {{ ref('identity_match_weights') }} as weights
    inner join {{ ref('identity_comparison_levels') }} as levels
        on weights.comparison_number = levels.comparison_number and weights.level = levels.level
),

agreements as (
    select
        patterns.pattern,
        sum(weights.is_person * weights.m_bits)
        - greatest(sum(weights.is_person * weights.u_bits), sum(weights.is_person * weights.h_bits)) as agreement_bits,
        sum(weights.m_bits) - greatest(sum(weights.u_bits), sum(weights.h_bits)) as evidence_bits
    from patterns
    inner join weights on weights.level = (patterns.pattern >> (5 * weights.comparison_number)) & 31
    group by patterns.pattern
),

final as (
    select
        compared.left_key,
        compared.right_key,
        compared.identifier_key,
        compared.identifier_type,
        compared.record_count,
        compared.is_over_limit,
        coalesce(agreements.agreement_bits, 0.0) as agreement_bits,
        coalesce(agreements.evidence_bits, 0.0) as evidence_bits
    from compared
    left join agreements on compared.pattern = agreements.pattern
)

select * from final
