{{ config(schema='intermediate') }}
{# Pairs of company records that a blocking rule brings together, with how they compare. #}
with records as (
    select * from {{ ref('int_account_records') }}
),

keys as (
    {% for rule in account_blocking_rules() %}
    select
        {{ loop.index0 }} as rule_number,
        {{ rule.sql }} as block_key,
        record_key
    from records
    {{ "union all" if not loop.last }}
    {% endfor %}
),

blocks as (
    select *
    from keys
    where block_key is not null
    qualify count(*) over (partition by rule_number, block_key) between 2 and {{ var('account_block_cap') | int }}
),

found as (
    select
        l.record_key as left_key,
        r.record_key as right_key,
        bit_or(cast(1 as bigint) << l.rule_number) as rules
    from blocks as l
    inner join blocks as r
        on l.rule_number = r.rule_number and l.block_key = r.block_key and l.record_key < r.record_key
    group by l.record_key, r.record_key
),

final as (
    select
        found.left_key,
        found.right_key,
        found.rules,
        {{ pattern_sql(account_comparisons()) }} as pattern
    from found
    inner join records as l on found.left_key = l.record_key
    inner join records as r on found.right_key = r.record_key
)

select * from final
