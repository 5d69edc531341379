{{ config(schema='intermediate') }}
{#
    Compared pairs with what the frequency of the values they agree on adds (bits): the average chance of an agreement, which the weights
    have used, is replaced by that of the value. See score_pairs in macros/identity/scoring.sql for the formula.
#}
{%- set prior = var('identity_frequency_prior') %}
with pairs as (
    select * from {{ ref('int_account_pairs') }}
),

records as (
    select * from {{ ref('int_account_records') }}
),

sizes as (
    select count(*) as record_count from records
),

weights as (
    select * from {{ ref('int_account_match_weights') }}
),

rates as (
    select
        {% for frequency in account_frequencies() %}
        max(case when comparison_number = {{ frequency.number }} and level = {{ frequency.level }} then log2(u) end) as {{ frequency.comparison }}_rate,
        {% endfor %}
        3 * (1 + max(case when comparison_number = -1 and level = 3 then m end)) as own_records
    from weights
),

totals as (
    select
        rates.*,
        sizes.record_count
    from rates
    cross join sizes
),

{% for frequency in account_frequencies() %}
{{ frequency.comparison }}_counts as (
    select attribute_value, record_count
    from {{ ref('int_account_value_counts') }}
    where comparison = '{{ frequency.comparison }}'
),

{% endfor %}
final as (
    select
        {% for frequency in account_frequencies() %}
        cast(case
            when {{ bit_field('pairs.pattern', 5 * frequency.number, 5) }} = {{ frequency.level }}
                then totals.{{ frequency.comparison }}_rate - log2(
                    (
                        greatest({{ frequency.comparison }}_counts.record_count - totals.own_records, {{ frequency.floor }})
                        + {{ prior }} * power(2, totals.{{ frequency.comparison }}_rate)
                    ) / (totals.record_count + {{ prior }})
                )
            else 0.0
        end as float) as {{ frequency.comparison }}_frequency_bits,
        {% endfor %}
        pairs.left_key,
        pairs.right_key,
        pairs.rules,
        pairs.pattern
    from pairs
    inner join records on pairs.left_key = records.record_key
    {% for frequency in account_frequencies() %}
    left join {{ frequency.comparison }}_counts on records.{{ frequency.column }} = {{ frequency.comparison }}_counts.attribute_value
    {% endfor %}
    cross join totals
)

select * from final
