{{ config(materialized='view') }}
{%- set is_increment = identity_is_increment() -%}
-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_changes') }}
with records as (
    select records.given_name, records.family_name, records.street_address, records.city
    from {{ ref('identity_records') }} as records
    {%- if is_increment %}
    semi join {{ ref('identity_changes') }} as changes on records.record_id = changes.record_id
    {%- endif %}
),

texts as (
    {% for column in ['given_name', 'family_name', 'street_address', 'city'] %}
    select distinct {{ column }} as text_value from records
    {{ "union" if not loop.last }}
    {% endfor %}
),

final as (
    -- What remains non-ASCII once accents are folded is another script.
    select text_value
    from texts
    where {{ matches_pattern(fold_accents("replace(lower(text_value), 'ß', 'ss')"), "[^ -~]") }}
)

select * from final
