{# Rule 1: whom nothing may be done with. #}
{% macro consent_barred_customers_query(inputs={}) %}
with customers as (
    select customer_id, birth_date
    from {{ consent_input(inputs, 'customers') }}
),

customer_identifiers as (
    select customer_id, identifier_type, identifier_value
    from {{ consent_input(inputs, 'customer_identifiers') }}
),

suppressions as (
    select identifier_type, identifier, reason, suppressed_at
    from {{ consent_input(inputs, 'suppressions') }}
),

requests as (
    select customer_id, deciding_event_id, decided_at
    from {{ consent_input(inputs, 'consent_customer_signals') }}
    where purpose_code = 'any_processing' and is_refused
),

bars as (
    select
        customer_identifiers.customer_id,
        'rule_1_erasure_or_suppression' as rule_applied,
        cast(null as string) as deciding_event_id,
        suppressions.suppressed_at as barred_at,
        1 as precedence
    from suppressions
    inner join customer_identifiers
        on
            suppressions.identifier_type = customer_identifiers.identifier_type
            and suppressions.identifier = customer_identifiers.identifier_value
    union all
    select
        customer_id,
        'rule_1_do_not_process' as rule_applied,
        deciding_event_id,
        decided_at as barred_at,
        2 as precedence
    from requests
    union all
    select
        customer_id,
        'rule_1_minor' as rule_applied,
        cast(null as string) as deciding_event_id,
        cast(birth_date as {{ dbt.type_timestamp() }}) as barred_at,
        3 as precedence
    from customers
    where {{ dbt.dateadd('year', var('consent_minor_age'), 'birth_date') }} > {{ consent_now(inputs) }}
),

final as (
    select customer_id, rule_applied, deciding_event_id, barred_at
    from bars
    qualify row_number() over (
        partition by customer_id
        order by precedence, barred_at desc, deciding_event_id
    ) = 1
)

select * from final
{% endmacro %}
