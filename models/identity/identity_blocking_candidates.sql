{{ config(materialized='trained') }}
{#
    The candidate blocking rules as data, with what a sample of their blocks costs. A rule whose blocks mostly exceed the cap is a
    default value or a group, not a person, and is not usable.
#}
with rules as (
    {% for rule in blocking_candidates() %}
    select
        {{ loop.index0 }} as rule_number,
        '{{ rule }}' as blocking_rule,
        '{{ blocking_rule_comparisons(rule) | join(',') }}' as comparisons,
        {{ 'true' if is_training_rule(rule) else 'false' }} as is_training_rule
    {{ "union all" if not loop.last }}
    {% endfor %}
),

blocks as (
    select
        rule_number,
        sum(case when block_size <= {{ var('identity_block_cap') }} then block_size else 0 end) as record_count,
        sum(case when block_size > {{ var('identity_block_cap') }} then block_size else 0 end) as rejected_record_count,
        sum(case when block_size > {{ var('identity_block_cap') }} then 1 else 0 end) as rejected_block_count
    from (
        select block_key & 63 as rule_number, count(*) as block_size
        from {{ ref('identity_sample_keys') }}
        group by block_key
        having count(*) > 1
    ) as sizes
    group by rule_number
),

final as (
    select
        rules.rule_number,
        rules.blocking_rule,
        rules.comparisons,
        rules.is_training_rule,
        cast(coalesce(blocks.record_count, 0) as bigint) as sampled_record_count,
        cast(coalesce(blocks.rejected_record_count, 0) as bigint) as rejected_record_count,
        cast(coalesce(blocks.rejected_block_count, 0) as bigint) as rejected_block_count,
        coalesce(blocks.record_count > blocks.rejected_record_count, false) as is_usable
    from rules
    left join blocks on rules.rule_number = blocks.rule_number
)

select * from final
