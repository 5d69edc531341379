{{ config(materialized='view') }}

with attribute_values as (
    select * from {{ ref('customer_attributes') }}
),

-- The rule that mattered is the last one that an other value survived to.
deciding as (
    select
        customer_id,
        attribute,
        max({{ record({'lost_by_step': 'lost_by_step', 'lost_by_rule': 'lost_by_rule'}) }}) filter (where not is_winning_value) as last_loss,
        count(*) filter (where is_winning_value) as supporting_record_count,
        count(distinct lower(value)) filter (where not is_winning_value) as losing_value_count,
        {{ sorted_list("case when not is_winning_value then value || ' (' || source_name || ', ' || lost_by_rule || ')' end") }} as losing_values
    from attribute_values
    group by customer_id, attribute
),

final as (
    select
        attribute_values.customer_id,
        attribute_values.attribute,
        attribute_values.value,
        attribute_values.record_id,
        attribute_values.source_name,
        attribute_values.party,
        attribute_values.observed_at,
        attribute_values.is_verified,
        attribute_values.is_rectified,
        case
            when attribute_values.is_rectified then 'rectified'
            else coalesce((deciding.last_loss).lost_by_rule, 'only value')
        end as decided_by_rule,
        deciding.supporting_record_count,
        deciding.losing_value_count,
        deciding.losing_values
    from attribute_values
    inner join deciding
        on
            attribute_values.customer_id = deciding.customer_id
            and attribute_values.attribute = deciding.attribute
    where attribute_values.is_winner
)

select * from final
