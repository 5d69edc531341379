-- depends_on: {{ ref('identity_blocking_rules') }}
{# One long table of keys. Blocks over the cap are dropped before any join: one default value must not cost the square of its records. #}
with keys as (
    {% for number, rule in selected_blocking_rules() %}
    {% set columns = blocking_rule_columns(rule) %}
    select
        {{ number }} as rule_number,
        {{ hash_key(columns) }} as block_key,
        record_key
    from {{ ref('identity_features') }}
    where {{ columns | join(' is not null and ') }} is not null
    {{ "union all" if not loop.last }}
    {% else %}
    select cast(null as integer) as rule_number, cast(null as bigint) as block_key, cast(null as integer) as record_key where false
    {% endfor %}
),

final as (
    select cast(rule_number as tinyint) as rule_number, block_key, record_key
    from keys
    qualify count(*) over (partition by rule_number, block_key) between 2 and {{ var('identity_block_cap') }}
)

select * from final
