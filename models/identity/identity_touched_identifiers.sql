{#
    The strong identifiers whose records this run looks at anew: those of changed records, before and after, and those of records about
    which something is or was decided. Empty in a full run.
#}
-- depends_on: {{ ref('identity_run') }}
{%- set previous = identity_previous('identity_identifier_agreements') -%}
{%- set is_increment = previous is not none and identity_is_increment() %}

-- depends_on: {{ ref('identity_changes') }}
-- depends_on: {{ ref('identity_overrides') }}
-- depends_on: {{ ref('identity_kept_apart') }}
{% if is_increment %}
with changes as (
    select record_key from {{ ref('identity_changes') }}
),

decided as (
    select left_record_id as record_id from {{ ref('identity_overrides') }}
    union
    select right_record_id as record_id from {{ ref('identity_overrides') }}
    union
    select record_id from {{ ref('identity_kept_apart') }}
),

features as (
    select *
    from {{ ref('identity_features') }}
    where record_key in (select record_key from changes) or record_id in (select record_id from decided)
),

present as (
    {{ strong_identifiers_sql('features') }}
),

final as (
    select identifier_key from present
    union
    select identifier_key
    from {{ previous }}
    where left_key in (select record_key from changes) or right_key in (select record_key from changes)
)

select identifier_key from final
{% else %}
select cast(record_key as bigint) as identifier_key from {{ ref('identity_features') }}
where false
{% endif %}
