{# Brings what identifiers say to the customers they belong to, and tells which permissions may be trusted (rule 7). #}
{% macro consent_customer_signals_query(inputs={}) %}
with identifier_status as (
    select * from {{ consent_input(inputs, 'consent_identifier_status') }}
),

customer_identifiers as (
    select customer_id, identifier_type, identifier_value, link_method, is_shared, valid_from
    from {{ consent_input(inputs, 'customer_identifiers') }}
),

final as (
    select
        customer_identifiers.customer_id,
        identifier_status.identifier_type,
        identifier_status.identifier,
        identifier_status.purpose_code,
        identifier_status.channel,
        identifier_status.status,
        identifier_status.is_permitted,
        identifier_status.is_refused,
        identifier_status.lawful_basis,
        identifier_status.scope,
        identifier_status.deciding_event_id,
        identifier_status.evidence_event_id,
        identifier_status.decided_at,
        identifier_status.last_refusal_at,
        identifier_status.is_authenticated_choice,
        identifier_status.valid_until,
        identifier_status.reprompt_not_before,
        identifier_status.rule_applied,
        identifier_status.conflict_flag,
        -- Rule 7: over a guessed link, or an address several people use, a permission tells nothing about this person.
        customer_identifiers.link_method <> 'probabilistic'
        and not customer_identifiers.is_shared
        -- What a browser or device permitted before it was the customer's is not their permission.
        and (
            not {{ is_device_identifier('customer_identifiers.identifier_type') }}
            or coalesce(identifier_status.decided_at >= customer_identifiers.valid_from, false)
        ) as is_grant_trusted
    from identifier_status
    inner join customer_identifiers
        on
            identifier_status.identifier_type = customer_identifiers.identifier_type
            and identifier_status.identifier = customer_identifiers.identifier_value
            -- What a device says is judged for each of those who have had it.
            and (
                not {{ is_device_identifier('identifier_status.identifier_type') }}
                or identifier_status.holder_id = customer_identifiers.customer_id
            )
)

select * from final
{% endmacro %}
