{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
-- depends_on: {{ ref('identity_run') }}
select
    pairs.left_key,
    pairs.right_key,
    pairs.rules,
    {{ pattern_sql() }} as pattern
from {{ ref('identity_candidate_pairs') }} as pairs
inner join {{ ref('identity_features') }} as l on pairs.left_key = l.record_key
inner join {{ ref('identity_features') }} as r on pairs.right_key = r.record_key
