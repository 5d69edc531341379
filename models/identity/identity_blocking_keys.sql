{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
-- depends_on: {{ ref('identity_blocking_rules') }}
-- depends_on: {{ ref('identity_touched_records') }}
{# One long table of keys: the blocks of every record. #}
-- depends_on: {{ ref('identity_changes') }}
with features as (
    select *
    from {{ ref('identity_features') }}
    {% if is_incremental() %}
    where record_key in (select record_key from {{ ref('identity_changes') }})
    {% endif %}
),

final as (
    {{ blocking_keys_sql('features', selected_blocking_rules()) }}
)

select * from final
