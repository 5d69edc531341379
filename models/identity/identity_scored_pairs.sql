{# All pairs with a match weight: those that blocking found, and those that close a triangle of matches. #}
with pairs as (
    select left_key, right_key, rules from {{ ref('identity_closing_pairs') }}
),

comparisons as (
    select
        pairs.left_key,
        pairs.right_key,
        pairs.rules,
        {{ pattern_sql() }} as pattern
    from pairs
    inner join {{ ref('identity_features') }} as l on pairs.left_key = l.record_key
    inner join {{ ref('identity_features') }} as r on pairs.right_key = r.record_key
),

{{ score_pairs() }},

final as (
    select * from {{ ref('identity_blocked_pairs') }}
    union all
    select * from scored
)

select * from final
