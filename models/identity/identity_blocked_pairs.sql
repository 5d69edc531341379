{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
{# The pairs that blocking found and that are not plainly two strangers, with their match weight. #}
-- depends_on: {{ ref('identity_touched_records') }}
with comparisons as (
    select left_key, right_key, rules, pattern
    from {{ ref('identity_comparisons') }}
    {% if is_incremental() %}
    where left_key in (select record_key from {{ ref('identity_touched_records') }})
        or right_key in (select record_key from {{ ref('identity_touched_records') }})
    {% endif %}
),

{{ score_pairs(floor=var('identity_scored_pair_floor')) }}

select * from scored
