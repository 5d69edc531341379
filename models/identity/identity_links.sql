{#
    What connects records in this run: matches and strong links. In an increment, only inside the groups that are put together anew.
#}
{%- set is_increment = identity_is_increment() -%}
-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_reclustered_records') }}

with links as (
    select left_key, right_key
    from {{ ref('identity_blocked_pairs') }}
    where match_weight >= {{ var('identity_threshold') }}
    union all
    select left_key, right_key
    from {{ ref('identity_strong_links') }}
    where not is_over_limit
),

final as (
    select left_key, right_key
    from links
    {% if is_increment %}
    where left_key in (select record_key from {{ ref('identity_reclustered_records') }})
    {% endif %}
)

select * from final
