{# Facts about the customer that the defaults of rule 8 depend on. #}
{% macro consent_customer_context_query(inputs={}) %}
with customers as (
    select customer_id, country
    from {{ consent_input(inputs, 'customers') }}
),

jurisdictions as (
    select country, jurisdiction
    from {{ consent_input(inputs, 'jurisdictions') }}
),

purchases as (
    select customer_id, max(ordered_at) as last_purchase_at
    from {{ consent_input(inputs, 'orders') }}
    where customer_id is not null and order_kind = 'sale' and not is_test and not is_cancelled
    group by customer_id
),

inquiries as (
    {% if var('zendesk_enabled') %}
    select customer_ids.customer_id, max(tickets.created_at) as last_inquiry_at
    from {{ consent_input(inputs, 'stg_zendesk__tickets') }} as tickets
    inner join {{ consent_input(inputs, 'customer_ids') }} as customer_ids
        on 'zendesk:user:' || tickets.requester_id = customer_ids.record_id
    group by customer_ids.customer_id
    {% else %}
    select
        cast(null as string) as customer_id,
        cast(null as {{ dbt.type_timestamp() }}) as last_inquiry_at
    where false
    {% endif %}
),

final as (
    select
        customers.customer_id,
        coalesce(jurisdictions.jurisdiction, 'OTHER') as jurisdiction,
        purchases.last_purchase_at,
        inquiries.last_inquiry_at
    from customers
    left join jurisdictions on customers.country = jurisdictions.country
    left join purchases on customers.customer_id = purchases.customer_id
    left join inquiries on customers.customer_id = inquiries.customer_id
)

select * from final
{% endmacro %}
