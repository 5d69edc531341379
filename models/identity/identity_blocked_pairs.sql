{# The pairs that blocking found and that are not plainly two strangers, with their match weight. #}
with comparisons as (
    select left_key, right_key, rules, pattern from {{ ref('identity_comparisons') }}
),

{{ score_pairs(floor=var('identity_scored_pair_floor')) }}

select * from scored
