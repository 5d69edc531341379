{#
    All compared pairs inside the groups of this run, also those with little evidence: whether a group is one person depends on all its
    pairs.
#}
{%- set is_increment = identity_is_increment() -%}
-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_reclustered_records') }}

with components as (
    select record_key, component_key
    from {{ ref('identity_components') }}
    {% if is_increment %}
    where record_key in (select record_key from {{ ref('identity_reclustered_records') }})
    {% endif %}
),

scored as (
    select * from {{ ref('identity_scored_pairs') }}
),

inside as (
    select comparisons.left_key, comparisons.right_key, comparisons.pattern
    from {{ ref('identity_comparisons') }} as comparisons
    inner join components as l on comparisons.left_key = l.record_key
    inner join components as r on comparisons.right_key = r.record_key
    where l.component_key = r.component_key
),

unlikely as (
    select inside.left_key, inside.right_key, inside.pattern
    from inside
    anti join {{ ref('identity_blocked_pairs') }} as scored on inside.left_key = scored.left_key and inside.right_key = scored.right_key
),

likely as (
    select scored.*
    from scored
    inner join components as l on scored.left_key = l.record_key
    inner join components as r on scored.right_key = r.record_key
    where l.component_key = r.component_key
),

final as (
    select
        {%- for group in frequency_groups() %}
        {{ group.name }}_frequency_bits,
        {%- endfor %}
        left_key,
        right_key,
        pattern
    from likely
    union all
    select
        {%- for group in frequency_groups() %}
        cast(0.0 as float) as {{ group.name }}_frequency_bits,
        {%- endfor %}
        left_key,
        right_key,
        pattern
    from unlikely
)

select * from final
