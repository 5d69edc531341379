{#
    The order of the keys is the rule. The window that ranks also hands every row the keys of the winner, so that one sort tells both the rank and
    which rule each losing value fell by.
#}
{{ config(cluster_by='customer_id') }}

with attribute_values as (
    select * from {{ ref('int_customer_attribute_values') }}
),

{% set attributes = customer_attributes_declared() %}
{% for attribute in attributes %}
{%- set strategies = survivorship_strategies(attribute) %}
{{ attribute }}_keys as (
    select
        *,
        {% for strategy in strategies %}
        {{ context['survivorship_key_' ~ strategy]() }} as key_{{ loop.index }},
        {% endfor %}
        case when is_third_party then 0 else 1 + coalesce(rectification_rank, 0) end as party_key
    from attribute_values
    where attribute = '{{ attribute }}'
),

{{ attribute }}_ranked as (
    select
        *,
        {% for strategy in strategies %}
        first_value(key_{{ loop.index }}) over ranking as winning_key_{{ loop.index }},
        {% endfor %}
        first_value(party_key) over ranking as winning_party_key,
        first_value(value) over ranking as winning_value,
        row_number() over ranking as value_rank
    from {{ attribute }}_keys
    window ranking as (
        partition by customer_id
        order by party_key desc{% for strategy in strategies %}, key_{{ loop.index }} desc nulls last{% endfor %}, record_id
    )
),

{{ attribute }}_judged as (
    select
        customer_id,
        attribute,
        record_id,
        value,
        source_name,
        party,
        observed_at,
        is_verified,
        rectification_rank is not null as is_rectified,
        value_rank,
        lower(value) = lower(winning_value) as is_winning_value,
        case
            when value_rank = 1 then 0
            when party_key <> winning_party_key and winning_party_key > 1 then 1
            when party_key <> winning_party_key then 2
            {% for strategy in strategies %}
            when coalesce(key_{{ loop.index }} <> winning_key_{{ loop.index }}, coalesce(key_{{ loop.index }}, winning_key_{{ loop.index }}) is not null) then {{ loop.index + 2 }}
            {% endfor %}
            else {{ strategies | length + 3 }}
        end as lost_by_step,
        case
            when value_rank = 1 then null
            when party_key <> winning_party_key and winning_party_key > 1 then 'rectified'
            when party_key <> winning_party_key then 'never third party over others'
            {% for strategy in strategies %}
            when coalesce(key_{{ loop.index }} <> winning_key_{{ loop.index }}, coalesce(key_{{ loop.index }}, winning_key_{{ loop.index }}) is not null) then '{{ strategy }}'
            {% endfor %}
            else 'record id'
        end as lost_by_rule
    from {{ attribute }}_ranked
),

{% endfor %}
final as (
    {% for attribute in attributes %}
    select * from {{ attribute }}_judged
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    customer_id,
    attribute,
    cast(value_rank as integer) as value_rank,
    value,
    record_id,
    source_name,
    party,
    observed_at,
    is_verified,
    is_rectified,
    value_rank = 1 as is_winner,
    is_winning_value,
    cast(lost_by_step as integer) as lost_by_step,
    lost_by_rule
from final
