{#
    Whoever asked for it must not be used at all: those that `make restrict-subject` keeps in privacy.restrictions, and a list of your own
    that var `suppressions_relation` names. Without either there is nothing to suppress.
#}
{% macro suppression_lists() %}
    {%- set restrictions = adapter.get_relation(database=target.get('database'), schema='privacy', identifier='restrictions') if execute else none -%}
    {%- set listed = [] -%}
    {%- if var('suppressions_relation', '') -%}{%- do listed.append(var('suppressions_relation')) -%}{%- endif -%}
    {%- if restrictions -%}{%- do listed.append(restrictions) -%}{%- endif -%}
    {{ return(listed) }}
{% endmacro %}
