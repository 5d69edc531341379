{#
    Records that their source has checked to be different people, for feeds declared with `keeps_people_apart`: true for all records, or the
    name of a boolean column that marks the checked ones. Off by default: two accounts, even with an e-mail address verified for
    each, are often one person with two addresses. Sound for a source that identifies people by a document.
#}
{%- set feeds = enabled_identity_feeds() | selectattr('keeps_people_apart', 'defined') | selectattr('keeps_people_apart') | list -%}
{%- if feeds | length > 62 -%}
    {{ exceptions.raise_compiler_error("identity_feeds: at most 62 feeds can be declared with keeps_people_apart, and these are " ~ feeds | length) }}
{%- endif -%}

with checked as (
    {% for feed in feeds %}
    select record_id, {{ loop.index0 }} as feed_number
    from {{ ref(feed.model) }}
    {%- if feed.keeps_people_apart is string %}
    where coalesce(cast({{ feed.keeps_people_apart }} as boolean), false)
    {%- endif %}
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({'record_id': 'varchar', 'feed_number': 'integer'}) }}
    {% endfor %}
),

final as (
    select features.record_key, checked.record_id, checked.feed_number
    from checked
    inner join {{ ref('identity_features') }} as features on checked.record_id = features.record_id
)

select * from final
