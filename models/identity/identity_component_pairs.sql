{#
    All compared pairs inside the groups, also those with little evidence: whether a group is one person depends on all its pairs.
#}
with components as (
    select record_key, component_key from {{ ref('identity_components') }}
),

scored as (
    select * from {{ ref('identity_scored_pairs') }}
),

unlikely as (
    select comparisons.left_key, comparisons.right_key, comparisons.pattern
    from {{ ref('identity_comparisons') }} as comparisons
    anti join scored on comparisons.left_key = scored.left_key and comparisons.right_key = scored.right_key
),

pairs as (
    select
        left_key,
        right_key,
        {%- for group in frequency_groups() %}
        {{ group.name }}_frequency_bits,
        {%- endfor %}
        pattern
    from scored
    union all
    select
        left_key,
        right_key,
        {%- for group in frequency_groups() %}
        cast(0.0 as float) as {{ group.name }}_frequency_bits,
        {%- endfor %}
        pattern
    from unlikely
),

final as (
    select pairs.*
    from pairs
    inner join components as l on pairs.left_key = l.record_key
    inner join components as r on pairs.right_key = r.record_key
    where l.component_key = r.component_key
)

select * from final
