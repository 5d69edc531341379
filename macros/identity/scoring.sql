{#
    Score compared pairs: the match weight of a pair is log2 of the odds that both records are one person, from the level
    probabilities of its pattern in each class (one person m, strangers u, one household h) and the priors.

    For an exact agreement the average chance is replaced by the frequency of the agreeing value among other people: what remains of
    its count without the records that one person has. Inside a household, what its members
    share by living together is no rarer for being rare elsewhere, so there only what identifies a person is adjusted.

    Expects the CTE `comparisons` (left_key, right_key, rules, pattern) and yields the CTE `scored`. Pairs with less evidence than `floor`
    (bits, before value frequencies) are left out.
#}
{% macro score_pairs(floor=none) %}
patterns as (
    select distinct pattern from comparisons
),

weights as (
    select * from {{ ref('identity_match_weights') }}
),

priors as (
    select
        max(case when level = 0 then m end) as match_other_source,
        max(case when level = 1 then m end) as match_same_source,
        max(case when level = 2 then m end) as household
    from weights
    where comparison_number = -1
),

likelihoods as (
    select
        patterns.pattern,
        sum(log2(weights.m)) as m_bits,
        sum(log2(weights.u)) as u_bits,
        sum(log2(weights.h)) as h_bits
    from patterns
    inner join weights
        on weights.comparison_number >= 0
        and weights.level = (patterns.pattern >> (5 * weights.comparison_number)) & 31
    group by patterns.pattern
),

pattern_weights as (
    select
        patterns.pattern,
        coalesce(likelihoods.m_bits, 0)
        + log2(case when (patterns.pattern >> 60) & 1 = 1 then priors.match_same_source else priors.match_other_source end) as match_bits,
        coalesce(likelihoods.u_bits, 0) as stranger_bits,
        coalesce(likelihoods.h_bits, 0) + log2(priors.household) as household_bits
    from patterns
    cross join priors
    left join likelihoods on patterns.pattern = likelihoods.pattern
),

-- The chance of an accidental agreement that the model has used, per adjusted level.
rates as (
    select
        {%- for adjustment in frequency_adjustments() %}
        coalesce({{ adjustment.rate }}, 0) as {{ adjustment.name }}_rate_bits,
        {%- endfor %}
        max(trained.record_count) as record_count,
        -- So many records with one value are expected of one person alone.
        3 * (1 + max(case when weights.comparison_number = -1 and weights.level = 3 then weights.m end)) as own_records
    from weights
    cross join (
        select
            {%- for attribute in ['given_key', 'family_key', 'postal_key'] %}
            max(case when attribute = '{{ attribute }}' then log2(agreement_rate) end) as {{ attribute }}_bits{{ "," if not loop.last }}
            {%- endfor %}
        from {{ ref('identity_agreement_rates') }}
    ) as counted
    cross join (select sum(record_count) as record_count from {{ ref('identity_source_counts') }}) as trained
    group by all
),

likely as (
    select
        comparisons.left_key,
        comparisons.right_key,
        comparisons.rules,
        comparisons.pattern,
        pattern_weights.match_bits,
        pattern_weights.stranger_bits,
        pattern_weights.household_bits
    from comparisons
    inner join pattern_weights on comparisons.pattern = pattern_weights.pattern
    {%- if floor is not none %}
    -- No frequency lifts a pair from here to a match; leaving it out keeps the table small.
    where pattern_weights.match_bits - pattern_weights.stranger_bits > {{ floor }}
    {%- endif %}
),

frequencies as (
    select
        likely.*,
        {%- for group in frequency_groups() %}
        cast(0.0
        {%- for adjustment in group.adjustments %}
        + case
            when {{ adjustment.condition }}
                then rates.{{ adjustment.name }}_rate_bits
                - log2(
                    (greatest(l.{{ adjustment.attribute }}_count - rates.own_records, {{ adjustment.floor }})
                    + {{ var('identity_frequency_prior') }} * power(2, rates.{{ adjustment.name }}_rate_bits))
                    / (rates.record_count + {{ var('identity_frequency_prior') }})
                )
            else 0.0
        end
        {%- endfor %} as float) as {{ group.name }}_frequency_bits{{ "," if not loop.last }}
        {%- endfor %}
    from likely
    -- Where a frequency counts both records have the value, so one of them will do.
    inner join {{ ref('identity_record_frequencies') }} as l on likely.left_key = l.record_key
    cross join rates
),

classes as (
    select
        frequencies.*,
        stranger_bits {% for group in frequency_groups() %}- {{ group.name }}_frequency_bits {% endfor %}as stranger_total,
        household_bits {% for group in frequency_groups() if group.is_person %}- {{ group.name }}_frequency_bits {% endfor %}as household_total
    from frequencies
),

scored as (
    select
        left_key,
        right_key,
        rules,
        pattern,
        {%- for group in frequency_groups() %}
        {{ group.name }}_frequency_bits,
        {%- endfor %}
        match_bits - greatest(stranger_total, household_total)
        - log2(1 + power(2, -abs(stranger_total - household_total))) as match_weight,
        household_total > stranger_total as is_household_likely
    from classes
)
{% endmacro %}
