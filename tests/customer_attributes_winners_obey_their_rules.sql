-- Asked of the values themselves, not of the ranking: no winner is a third party's where somebody else says something, none is anybody's word
-- where something was put right, and among the values of its kind none is better by the first strategy of the attribute.
{% set attributes = customer_attributes_declared() %}
with attribute_values as (
    select * from {{ ref('int_customer_attribute_values') }}
),

{% for attribute in attributes %}
{% set strategies = survivorship_strategies(attribute) %}
{{ attribute }}_keys as (
    select
        *,
        {{ context['survivorship_key_' ~ strategies[0]]() if strategies else "0" }} as first_key
    from attribute_values
    where attribute = '{{ attribute }}'
),

{% endfor %}
judged as (
    {% for attribute in attributes %}
    select
        customer_id,
        attribute,
        record_id,
        is_third_party,
        rectification_rank,
        max(rectification_rank) over (partition by customer_id) as last_rectification_rank,
        rank() over (partition by customer_id, is_third_party order by first_key desc nulls last) as place
    from {{ attribute }}_keys
    {{ "union all" if not loop.last }}
    {% endfor %}
),

own_or_partner as (
    select distinct
        customer_id,
        attribute
    from attribute_values
    where not is_third_party
)

select
    winners.customer_id,
    winners.attribute,
    winners.record_id,
    judged.is_third_party,
    judged.place
from {{ ref('customer_attributes') }} as winners
inner join judged
    on
        winners.customer_id = judged.customer_id
        and winners.attribute = judged.attribute
        and winners.record_id = judged.record_id
left join own_or_partner
    on
        winners.customer_id = own_or_partner.customer_id
        and winners.attribute = own_or_partner.attribute
where
    winners.is_winner
    and (
        judged.rectification_rank is distinct from judged.last_rectification_rank
        or (
            judged.last_rectification_rank is null
            and (judged.place > 1 or (judged.is_third_party and own_or_partner.customer_id is not null))
        )
    )
