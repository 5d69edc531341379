-- A type that a feed declares and `identity_identifier_types` does not know would silently prove nothing.
with declared as (
    {% for name in var('identity_identifier_types') %}
    select '{{ name }}' as identifier_type
    {{ "union all" if not loop.last }}
    {% endfor %}
),

used as (
    select identifier_type, count(*) as value_count from {{ ref('identity_record_identifiers') }}
    group by identifier_type
)

select used.identifier_type, used.value_count
from used
left join declared on used.identifier_type = declared.identifier_type
where declared.identifier_type is null
