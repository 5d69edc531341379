with records as (
    select given_name, family_name, street_address, city from {{ ref('identity_records') }}
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
