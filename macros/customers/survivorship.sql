{#
    Survivorship: which of the values of an attribute a customer keeps. Var `survivorship` lists the strategies of each attribute; the first that
    tells two values apart decides. Each strategy is a macro survivorship_key_<name> over a row of int_customer_attribute_values: the larger
    key wins, and a value without a key loses. A strategy of your own is a macro of such a name.
#}

{% macro survivorship_key_most_recent() -%}
    observed_at
{%- endmacro %}

{# Of the records of the customer, those that agree on the value; case does not matter. Third parties are counted among themselves. #}
{% macro survivorship_key_most_frequent() -%}
    count(*) over (partition by customer_id, attribute, is_third_party, lower(value))
{%- endmacro %}

{# The first source of var survivorship_source_priority is the best; sources that it does not name are equal and stand behind. #}
{% macro survivorship_key_source_priority() -%}
    {%- set priority = var('survivorship_source_priority') -%}
    {%- if priority -%}
    case source_name
        {%- for source in priority %}
        when '{{ source }}' then -{{ loop.index }}
        {%- endfor %}
        else -{{ priority | length + 1 }}
    end
    {%- else -%}
    0
    {%- endif -%}
{%- endmacro %}

{% macro survivorship_key_verified_first() -%}
    case when is_verified then 1 else 0 end
{%- endmacro %}

{% macro survivorship_key_longest() -%}
    length(value)
{%- endmacro %}

{# How much of a unit (name, address) is there; values that are no unit are always complete. #}
{% macro survivorship_key_most_complete() -%}
    completeness
{%- endmacro %}


{# Attributes that customers have, in the order of their columns. #}
{% macro customer_attributes_declared() %}
    {{ return(['name', 'email', 'phone', 'secondary_phone', 'birth_date', 'gender', 'address', 'country', 'company_name', 'job_title']) }}
{% endmacro %}

{# The strategies of an attribute; stops with an error that names what is wrong in var `survivorship`. #}
{% macro survivorship_strategies(attribute) %}
    {%- set declared = var('survivorship') -%}
    {%- for name in declared if name != 'default' and name not in customer_attributes_declared() -%}
        {%- do exceptions.raise_compiler_error(
            "var survivorship: there is no attribute '" ~ name ~ "'. Attributes are: " ~ customer_attributes_declared() | join(', ') ~ "; and default."
        ) -%}
    {%- endfor -%}
    {%- set strategies = declared.get(attribute, declared.get('default', [])) -%}
    {%- for strategy in strategies if context.get('survivorship_key_' ~ strategy) is none -%}
        {%- do exceptions.raise_compiler_error(
            "var survivorship, attribute '" ~ attribute ~ "': there is no strategy '" ~ strategy ~ "'. Write a macro survivorship_key_" ~ strategy
            ~ ", or use most_recent, most_frequent, source_priority, verified_first, longest or most_complete."
        ) -%}
    {%- endfor -%}
    {{ return(strategies) }}
{% endmacro %}

{# zero: from the person; first: from our own dealings with them; second: from a partner; third: bought or enriched. #}
{% macro party_of_source(source_name) -%}
    {%- set parties = var('source_parties') -%}
    {%- for source, party in parties.items() if party not in ['zero', 'first', 'second', 'third'] -%}
        {%- do exceptions.raise_compiler_error("var source_parties: '" ~ party ~ "' of source '" ~ source ~ "' is none of zero, first, second, third.") -%}
    {%- endfor -%}
    {%- if parties -%}
    case {{ source_name }}
        {%- for source, party in parties.items() %}
        when '{{ source }}' then '{{ party }}'
        {%- endfor %}
        else 'first'
    end
    {%- else -%}
    'first'
    {%- endif -%}
{%- endmacro %}
