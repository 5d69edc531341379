{#
    Pairs of records that share a strong identifier, with what else identifies a person weighed: names, birth date and gender. A couple
    may share a card and a user id may be given to the next one; then records agree on the identifier and disagree as persons.

    Where all records of a value agree or say nothing, linking each to the first one is enough. Where they do not, all their pairs are
    looked at, so that each record can find those of its own person. A value over its limit is kept, for its first record only.
#}
{%- set types = var('identity_identifier_types') -%}
{%- set person = ['given_key', 'family_key', 'birth_day', 'gender'] -%}

with features as (
    select * from {{ ref('identity_features') }}
),

junk as (
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

identifiers as (
    select
        identifiers.identifier_type,
        identifiers.identifier_value,
        features.record_id,
        features.record_key,
        {%- for column in person %}
        features.{{ column }},
        {%- endfor %}
        decided.record_id is not null as is_decided
    from {{ ref('identity_record_identifiers') }} as identifiers
    inner join features on identifiers.record_id = features.record_id
    left join decided on identifiers.record_id = decided.record_id
    left join junk
        on identifiers.identifier_type = junk.identifier_type and identifiers.identifier_value = junk.identifier_value
    where identifiers.is_strong and junk.identifier_type is null
),

shared as (
    select
        identifier_type,
        identifier_value,
        count(*) as record_count,
        min_by(record_key, record_id) as first_key,
        coalesce(
            bool_or(is_decided)
            {%- for column in person %}
            or min({{ column }}) <> max({{ column }})
            {%- endfor %},
            false
        ) as is_disputed,
        count(*) > case identifier_type
            {% for name, type in types.items() if type.is_strong %}
            when '{{ name }}' then {{ type.max_records }}
            {% endfor %}
            else 0
        end as is_over_limit
    from identifiers
    group by identifier_type, identifier_value
    having count(*) > 1
),

values_of as (
    select shared.*, identifiers.record_key
    from shared
    inner join identifiers
        on shared.identifier_type = identifiers.identifier_type and shared.identifier_value = identifiers.identifier_value
),

pairs as (
    select
        least(first_key, record_key) as left_key,
        greatest(first_key, record_key) as right_key,
        identifier_type,
        record_count,
        is_over_limit
    from values_of
    where first_key <> record_key and (is_over_limit or not is_disputed)
    union all
    select l.record_key as left_key, r.record_key as right_key, l.identifier_type, l.record_count, l.is_over_limit
    from values_of as l
    inner join values_of as r
        on
            l.identifier_type = r.identifier_type
            and l.identifier_value = r.identifier_value
            and l.record_key < r.record_key
    where l.is_disputed and not l.is_over_limit
),

-- Two values of one type may tie the same records.
distinct_pairs as (
    select left_key, right_key, identifier_type, min(record_count) as record_count, bool_and(is_over_limit) as is_over_limit
    from pairs
    group by left_key, right_key, identifier_type
),

compared as (
    select distinct_pairs.*, {{ pattern_sql() }} as pattern
    from distinct_pairs
    inner join features as l on distinct_pairs.left_key = l.record_key
    inner join features as r on distinct_pairs.right_key = r.record_key
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

judged as (
    select
        compared.left_key,
        compared.right_key,
        compared.identifier_type,
        compared.record_count,
        compared.is_over_limit,
        coalesce(agreements.agreement_bits, 0.0) as agreement_bits,
        coalesce(agreements.evidence_bits, 0.0) as evidence_bits,
        -- Of several shared types the one that is worth most counts.
        max(
            case
                when compared.is_over_limit then 0.0
                {% for name, type in types.items() if type.is_strong %}
                when compared.identifier_type = '{{ name }}' then {{ type.proof_bits if type.proof_bits is defined else 10 }}
                {% endfor %}
                else 0.0
            end
        ) over (partition by compared.left_key, compared.right_key) as proof_bits
    from compared
    left join agreements on compared.pattern = agreements.pattern
),

-- Contact points change, so they speak against an identifier only where names, birth date or gender already do.
final as (
    select
        left_key,
        right_key,
        identifier_type,
        record_count,
        is_over_limit,
        agreement_bits,
        evidence_bits,
        not is_over_limit
        and (
            agreement_bits < -proof_bits
            or (agreement_bits < -0.75 * proof_bits and evidence_bits < -proof_bits)
        ) as is_contradicted
    from judged
)

select * from final
