{#
    The compared pairs inside the groups of this run, also those with little evidence: whether a group is one person depends on all its
    pairs.
#}
-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_reclustered_records') }}
{% set is_increment = identity_is_increment() %}
with components as (
    select record_key, component_key
    from {{ ref('identity_components') }}
    {% if is_increment %}
    where record_key in (select record_key from {{ ref('identity_reclustered_records') }})
    {% endif %}
),

final as (
    select
        comparisons.left_key,
        comparisons.right_key,
        comparisons.pattern,
        l.component_key
    from {{ ref('identity_comparisons') }} as comparisons
    inner join components as l on comparisons.left_key = l.record_key
    inner join components as r on comparisons.right_key = r.record_key and l.component_key = r.component_key
)

select * from final
