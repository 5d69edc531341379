{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
{#
    Pairs that no rule found although both records match a third one, with their match weight. Whether a group is one person depends on all its pairs, so the
    missing ones are compared too instead of being guessed. A record with many matches (a shared value, not a person) closes nothing.
#}
-- depends_on: {{ ref('identity_components') }}
-- depends_on: {{ ref('identity_reclustered_records') }}
with matches as (
    select left_key, right_key
    from {{ ref('identity_blocked_pairs') }}
    where match_weight >= {{ var('identity_threshold') }}
    {% if is_incremental() %}
        -- All matches of a record lie inside its group, and groups are put together anew as a whole.
        and left_key in (select record_key from {{ ref('identity_reclustered_records') }})
    {% endif %}
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

pairs as (
    select triangles.left_key, triangles.right_key, cast(0 as bigint) as rules
    from triangles
    anti join {{ ref('identity_comparisons') }} as seen
        on triangles.left_key = seen.left_key and triangles.right_key = seen.right_key
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

{{ score_pairs() }}

select * from scored
