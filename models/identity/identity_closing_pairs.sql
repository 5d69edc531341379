{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
{#
    Pairs that no rule found although both records match a third one, with their match weight. Whether a group is one person depends on
    all its pairs, so the missing ones are compared too instead of being guessed. A record with many matches (a shared value, not a
    person) closes nothing.
#}
-- depends_on: {{ ref('identity_reclustered_records') }}
with components as (
    select record_key, component_key
    from {{ ref('identity_components') }}
    {% if is_incremental() %}
    where record_key in (select record_key from {{ ref('identity_reclustered_records') }})
    {% endif %}
),

compared as (
    select component_key, count(*) as pair_count
    from {{ ref('identity_inside_pairs') }}
    group by component_key
),

-- Most groups are small, and all their pairs were found.
incomplete as (
    select components.component_key
    from components
    inner join compared on components.component_key = compared.component_key
    group by components.component_key
    having max(compared.pair_count) < count(*) * (count(*) - 1) / 2
),

members as (
    select components.record_key
    from components
    semi join incomplete on components.component_key = incomplete.component_key
),

-- All matches of a record lie inside its group.
matches as (
    select pairs.left_key, pairs.right_key
    from {{ ref('identity_blocked_pairs') }} as pairs
    semi join members on pairs.left_key = members.record_key
    where pairs.match_weight >= {{ var('identity_threshold') }}
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
    anti join {{ ref('identity_inside_pairs') }} as seen
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
