{#
    The records whose pairs this run makes anew: those that have changed, and those of a block which the changes bring over the cap or
    back under it. Read from the keys as they were before this run. Empty in a full run, which makes all pairs.
#}
{%- set previous = identity_previous('identity_blocking_keys') -%}
{%- set is_increment = previous is not none and identity_is_increment() -%}
-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_blocking_rules') }}

{% if is_increment %}
with changes as (
    select record_key from {{ ref('identity_changes') }}
),

changed_features as (
    select features.*
    from {{ ref('identity_features') }} as features
    semi join changes on features.record_key = changes.record_key
),

new_keys as (
    {{ blocking_keys_sql('changed_features', selected_blocking_rules()) }}
),

old_keys as (
    select keys.block_key, keys.record_key
    from {{ previous }} as keys
    semi join changes on keys.record_key = changes.record_key
),

moved as (
    select block_key, sum(step) as step
    from (
        select block_key, 1 as step from new_keys
        union all
        select block_key, -1 as step from old_keys
    ) as steps
    group by block_key
    having sum(step) <> 0
),

sizes as (
    select keys.block_key, count(*) as block_size
    from {{ previous }} as keys
    semi join moved on keys.block_key = moved.block_key
    group by keys.block_key
),

crossing as (
    select sizes.block_key
    from sizes
    inner join moved on sizes.block_key = moved.block_key
    where (sizes.block_size <= {{ var('identity_block_cap') }}) <> (sizes.block_size + moved.step <= {{ var('identity_block_cap') }})
),

final as (
    select record_key from changes
    union
    select keys.record_key
    from {{ previous }} as keys
    semi join crossing on keys.block_key = crossing.block_key
)

select record_key from final
{% else %}
-- depends_on: {{ ref('identity_features') }}
select record_key from {{ ref('identity_changes') }}
where false
{% endif %}
