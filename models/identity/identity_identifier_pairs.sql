{{ config(materialized='view') }}
{# Whether the records that share a strong identifier are believed to be one person for it. #}
{%- set types = var('identity_identifier_types') -%}

with judged as (
    select
        left_key,
        right_key,
        identifier_type,
        record_count,
        is_over_limit,
        agreement_bits,
        evidence_bits,
        -- Of several shared types the one that is worth most counts.
        max(
            case
                when is_over_limit then 0.0
                {% for name, type in types.items() if type.is_strong %}
                when identifier_type = '{{ name }}' then {{ type.proof_bits if type.proof_bits is defined else 10 }}
                {% endfor %}
                else 0.0
            end
        ) over (partition by left_key, right_key) as proof_bits
    from {{ ref('identity_identifier_agreements') }}
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
