{#
    The records that this run puts into clusters anew: all members, before and after, of the groups that a touched record or a new
    match is in, or whose must-links and cannot-links have changed. In a full run there is nothing to replace.
#}
{%- set previous = identity_previous('identity_components') -%}
{%- set applied = identity_previous('identity_applied_links') -%}
{%- set is_increment = previous is not none and applied is not none and identity_is_increment() -%}
-- depends_on: {{ ref('identity_run') }}

{% if is_increment %}
with touched as (
    select record_key from {{ ref('identity_touched_records') }}
),

matches as (
    select left_key, right_key
    from {{ ref('identity_blocked_pairs') }}
    where match_weight >= {{ var('identity_threshold') }}
        and (left_key in (select record_key from touched) or right_key in (select record_key from touched))
),

constraints as (
    {{ constraints_sql() }}
),

applied as (
    select kind, left_key, right_key, rank from {{ applied }}
),

links as (
    select constraints.left_key, constraints.right_key
    from constraints
    left join applied
        on constraints.kind = applied.kind and constraints.left_key = applied.left_key
        and constraints.right_key = applied.right_key and constraints.rank = applied.rank
    where applied.kind is null
    union all
    select applied.left_key, applied.right_key
    from applied
    left join constraints
        on applied.kind = constraints.kind and applied.left_key = constraints.left_key
        and applied.right_key = constraints.right_key and applied.rank = constraints.rank
    where constraints.kind is null
),

seeds as (
    select record_key from touched
    union
    select left_key as record_key from matches
    union
    select right_key as record_key from matches
    union
    select left_key as record_key from links
    union
    select right_key as record_key from links
),

components as (
    select distinct components.component_key
    from {{ previous }} as components
    semi join seeds on components.record_key = seeds.record_key
),

final as (
    select record_key from seeds
    union
    select members.record_key
    from {{ previous }} as members
    semi join components on members.component_key = components.component_key
)

select record_key from final
{% else %}
-- depends_on: {{ ref('identity_blocked_pairs') }}
-- depends_on: {{ ref('identity_strong_links') }}
-- depends_on: {{ ref('identity_cannot_links') }}
-- depends_on: {{ ref('identity_kept_apart') }}
select record_key from {{ ref('identity_touched_records') }}
where false
{% endif %}
