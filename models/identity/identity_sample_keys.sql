{{ config(materialized='trained') }}
{#
    Whole blocks drawn at random for every candidate rule: on them the model is trained and the rules are chosen, at a cost that does
    not grow with the data. A block is drawn by the hash of its key, so the draw is the same in every run.
#}
{%- set rules = [] -%}
{%- for rule in blocking_candidates() %}{% do rules.append((loop.index0, rule)) %}{% endfor -%}
with totals as (
    select greatest(1, cast(floor(count(*) / {{ var('identity_sample_records') }}.0) as bigint)) as sampling_factor
    from {{ ref('identity_features') }}
),

final as (
    {{ blocking_keys_sql(ref('identity_features'), rules, sample='(block_key >> 6) % (select sampling_factor from totals) = 0') }}
)

select * from final
