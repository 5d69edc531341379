{{ config(materialized='trained') }}
{#
    Whole blocks drawn at random for every candidate rule: on them the model is trained and the rules are chosen, at a cost that does
    not grow with the data. A block is drawn by the hash of its key, so the draw is the same in every run.
#}
with totals as (
    select greatest(1, cast(floor(count(*) / {{ var('identity_sample_records') }}.0) as bigint)) as sampling_factor
    from {{ ref('identity_features') }}
),

keys as (
    {% for rule in blocking_candidates() %}
    {% set columns = blocking_rule_columns(rule) %}
    select
        {{ loop.index0 }} as rule_number,
        {{ hash_key(columns) }} as block_key,
        record_key
    from {{ ref('identity_features') }}
    where {{ columns | join(' is not null and ') }} is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (
    select cast(keys.rule_number as tinyint) as rule_number, keys.block_key, keys.record_key
    from keys
    cross join totals
    where keys.block_key % totals.sampling_factor = 0
)

select * from final
