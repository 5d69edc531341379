{# Rule 4: messages, address by address. #}
{% macro consent_messaging_decisions_query(inputs={}) %}
{% set decision_columns = [
    'status', 'is_permitted', 'lawful_basis', 'deciding_event_id', 'evidence_event_id', 'decided_at', 'valid_until', 'reprompt_not_before',
] %}

with customer_identifiers as (
    select customer_id, identifier_type, identifier_value, link_method, is_shared
    from {{ consent_input(inputs, 'customer_identifiers') }}
),

-- What is resolved at all: purposes that send messages, over channels whose addresses we know.
purposes_channels as (
    select purposes_channels.purpose_code, purposes_channels.channel, purposes_channels.contact_point_type
    from {{ consent_input(inputs, 'purposes_channels') }} as purposes_channels
    inner join {{ consent_input(inputs, 'purposes') }} as purposes on purposes_channels.purpose_code = purposes.purpose_code
    where purposes_channels.has_status and purposes.level = 'messaging'
),

signals as (
    select * from {{ consent_input(inputs, 'consent_customer_signals') }}
),

contact_points as (
    select
        customer_identifiers.customer_id,
        customer_identifiers.identifier_type,
        customer_identifiers.identifier_value as identifier,
        purposes_channels.purpose_code,
        purposes_channels.channel,
        -- Rule 7: what the account permits does not reach an address that may be somebody else's.
        customer_identifiers.link_method <> 'probabilistic' and not customer_identifiers.is_shared as is_certain
    from customer_identifiers
    inner join purposes_channels on customer_identifiers.identifier_type = purposes_channels.contact_point_type
),

-- Rule 4: a refusal of the channel reaches every address of the person, whoever's link brought it.
vetoes as (
    select *
    from signals
    where is_refused and scope = 'channel'
    qualify row_number() over (
        partition by customer_id, purpose_code, channel
        order by decided_at desc, deciding_event_id
    ) = 1
),

-- A signed-in person who agreed to a channel without naming an address; asked only where the address itself is silent.
account_grants as (
    select *
    from signals
    where is_permitted and is_authenticated_choice and identifier_type = 'user_id'
    qualify row_number() over (
        partition by customer_id, purpose_code, channel
        order by is_grant_trusted desc, decided_at desc, deciding_event_id
    ) = 1
),

-- Which of the three speaks for an address: its own refusal, then the veto, then its own other answer, then the account.
final as (
    select
        contact_points.customer_id,
        contact_points.identifier_type,
        contact_points.identifier,
        contact_points.purpose_code,
        contact_points.channel,
        {% for column in decision_columns %}
        case
            when own.is_refused then own.{{ column }}
            when vetoes.customer_id is not null then vetoes.{{ column }}
            when own.customer_id is not null then own.{{ column }}
            when account_grants.is_grant_trusted and contact_points.is_certain then account_grants.{{ column }}
        end as {{ column }},
        {% endfor %}
        case
            when own.is_refused then own.rule_applied
            when vetoes.customer_id is not null then 'rule_4_channel_refusal'
            when own.customer_id is not null then own.rule_applied
            when account_grants.is_grant_trusted and contact_points.is_certain then 'rule_4_account_grant'
        end as rule_applied,
        coalesce(own.conflict_flag, false)
        or (coalesce(own.is_permitted, false) and vetoes.customer_id is not null)
        or (coalesce(own.is_refused, false) and coalesce(account_grants.is_grant_trusted and contact_points.is_certain, false)) as conflict_flag,
        coalesce(
            own.customer_id is null
            and vetoes.customer_id is null
            and account_grants.customer_id is not null
            and not (account_grants.is_grant_trusted and contact_points.is_certain),
            false
        ) as has_untrusted_grant
    from contact_points
    left join signals as own
        on
            contact_points.customer_id = own.customer_id
            and contact_points.identifier_type = own.identifier_type
            and contact_points.identifier = own.identifier
            and contact_points.purpose_code = own.purpose_code
            and contact_points.channel = own.channel
    left join vetoes
        on
            contact_points.customer_id = vetoes.customer_id
            and contact_points.purpose_code = vetoes.purpose_code
            and contact_points.channel = vetoes.channel
    left join account_grants
        on
            contact_points.customer_id = account_grants.customer_id
            and contact_points.purpose_code = account_grants.purpose_code
            and contact_points.channel = account_grants.channel
)

select * from final
{% endmacro %}
