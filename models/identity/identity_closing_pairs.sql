{#
    Pairs that no rule found although both records match a third one. Whether a group is one person depends on all its pairs, so the
    missing ones are compared too instead of being guessed. A record with many matches (a shared value, not a person) closes nothing.
#}
with matches as (
    select left_key, right_key
    from {{ ref('identity_blocked_pairs') }}
    where match_weight >= {{ var('identity_threshold') }}
),

directed as (
    select left_key as middle_key, right_key as record_key from matches
    union all
    select right_key as middle_key, left_key as record_key from matches
),

bounded as (
    select middle_key, record_key
    from directed
    qualify count(*) over (partition by middle_key) <= {{ var('identity_closing_cap') }}
),

triangles as (
    select distinct l.record_key as left_key, r.record_key as right_key
    from bounded as l
    inner join bounded as r on l.middle_key = r.middle_key and l.record_key < r.record_key
),

final as (
    select triangles.left_key, triangles.right_key, cast(0 as bigint) as rules
    from triangles
    anti join {{ ref('identity_comparisons') }} as seen
        on triangles.left_key = seen.left_key and triangles.right_key = seen.right_key
)

select * from final
