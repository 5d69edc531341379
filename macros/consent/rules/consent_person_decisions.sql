{# Rules 5, 6 and 7: purposes that concern the person as a whole. #}
{% macro consent_person_decisions_query(inputs={}) %}
{% set decision_columns = [
    'status', 'is_permitted', 'lawful_basis', 'deciding_event_id', 'evidence_event_id', 'decided_at', 'valid_until', 'reprompt_not_before',
] %}

with signals as (
    select consent_customer_signals.*
    from {{ consent_input(inputs, 'consent_customer_signals') }} as consent_customer_signals
    inner join {{ consent_input(inputs, 'purposes_channels') }} as purposes_channels
        on
            consent_customer_signals.purpose_code = purposes_channels.purpose_code
            and consent_customer_signals.channel = purposes_channels.channel
    inner join {{ consent_input(inputs, 'purposes') }} as purposes on purposes_channels.purpose_code = purposes.purpose_code
    where purposes_channels.has_status and purposes.level = 'person'
),

-- What the person's identifiers say, in classes: refusals count over every link, permissions only over a trusted one.
classed as (
    select
        *,
        case
            when is_refused then 'refusal'
            when is_permitted and not is_grant_trusted then 'untrusted_grant'
            when is_permitted and is_authenticated_choice then 'choice'
            when is_permitted then 'grant'
            -- A request without an answer, or an answer that has run out, is silence and not a refusal.
            else 'lapsed'
        end as signal_class,
        max(last_refusal_at) over (partition by customer_id, purpose_code) as last_refusal_anywhere_at
    from signals
),

latest_of_class as (
    select *
    from classed
    qualify row_number() over (
        partition by customer_id, purpose_code, signal_class
        order by decided_at desc, deciding_event_id
    ) = 1
),

sides as (
    select
        customer_id,
        purpose_code,
        max(case when signal_class = 'refusal' then decided_at end) as refused_at,
        max(last_refusal_anywhere_at) as last_refusal_at,
        max(case when signal_class = 'refusal' then rule_applied end) as refusal_rule,
        max(case when signal_class = 'choice' then decided_at end) as chosen_at,
        max(case when signal_class in ('choice', 'grant') then decided_at end) as granted_at,
        count(case when signal_class = 'lapsed' then 1 end) > 0 as has_lapsed
    from latest_of_class
    group by customer_id, purpose_code
),

-- Rule 5: the strictest answer wins, unless the person, known by name, has since chosen this very purpose. A choice speaks about
-- what was refused before it: a later refusal ends that, even where it was itself lifted again.
ruled as (
    select
        *,
        case
            when refused_at is not null and chosen_at > greatest(refused_at, last_refusal_at) then 'choice'
            when refused_at is not null then 'refusal'
            when granted_at is not null and granted_at = chosen_at then 'choice'
            when granted_at is not null then 'grant'
            when has_lapsed then 'lapsed'
            else 'untrusted_grant'
        end as decided_by
    from sides
),

final as (
    select
        ruled.customer_id,
        ruled.purpose_code,
        {% for column in decision_columns %}
        case when ruled.decided_by <> 'untrusted_grant' then decision.{{ column }} end as {{ column }},
        {% endfor %}
        case
            when ruled.decided_by = 'choice' and ruled.refusal_rule = 'rule_6_gpc' then 'rule_6_specific_choice'
            when ruled.decided_by = 'choice' and ruled.refused_at is not null then 'rule_5_authenticated_choice'
            when ruled.decided_by = 'refusal' and decision.rule_applied = 'rule_6_gpc' then 'rule_6_gpc'
            when ruled.decided_by = 'refusal' and ruled.granted_at is not null then 'rule_5_most_restrictive'
            when ruled.decided_by <> 'untrusted_grant' then decision.rule_applied
        end as rule_applied,
        (ruled.refused_at is not null and ruled.granted_at is not null) or decision.conflict_flag as conflict_flag,
        ruled.decided_by = 'untrusted_grant' as has_untrusted_grant
    from ruled
    inner join latest_of_class as decision
        on
            ruled.customer_id = decision.customer_id
            and ruled.purpose_code = decision.purpose_code
            and ruled.decided_by = decision.signal_class
)

select * from final
{% endmacro %}
