{#
    The rules are queries over named inputs. A model runs them over the models of these names; `consent_status_at` runs the same rules over
    the ledger as it was at another time. `inputs` maps the names that are replaced to relations or common table expressions.
#}
{% macro consent_input(inputs, name) -%}
    {%- if name in inputs -%}
        {{ inputs[name] }}
    {%- else -%}
        {{ ref(name) }}
    {%- endif -%}
{%- endmacro %}

{# The moment the rules are asked about: `now` of the inputs, else the "now" of the build. #}
{% macro consent_now(inputs) -%}
    {%- if 'now' in inputs -%}
        {{ inputs['now'] }}
    {%- else -%}
        {{ as_of() }}
    {%- endif -%}
{%- endmacro %}

{# Rule 9: until when the permission of an event lasts, the sooner of what the signal and what the purpose allow; null: without end. #}
{% macro consent_grant_until(event, purpose) -%}
    least(
        {{ event }}.valid_until,
        case
            when {{ purpose }}.grant_valid_days is not null
                then {{ dbt.dateadd('day', purpose ~ '.grant_valid_days', event ~ '.event_at') }}
        end
    )
{%- endmacro %}
