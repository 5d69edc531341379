{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
{# How frequent the values of a record are, as numbers beside the record, so that scoring a pair needs no texts. #}
-- depends_on: {{ ref('identity_changes') }}
with features as (
    select *
    from {{ ref('identity_features') }}
    {% if is_incremental() %}
    where record_key in (select record_key from {{ ref('identity_changes') }})
    {% endif %}
),

{% for column in frequency_attributes() %}
{{ column }}_counts as (
    -- Up to three records with one value are one person's own; the weight does not tell them apart (see score_pairs).
    select attribute_value, record_count
    from {{ ref('identity_value_counts') }}
    where attribute = '{{ column }}' and record_count > 3
),

{% endfor %}
final as (
    select
        {% for column in frequency_attributes() %}
        coalesce({{ column }}_counts.record_count, 0) as {{ column }}_count,
        {% endfor %}
        features.record_key
    from features
    {% for column in frequency_attributes() %}
    left join {{ column }}_counts on features.{{ column }} = {{ column }}_counts.attribute_value
    {% endfor %}
)

select * from final
