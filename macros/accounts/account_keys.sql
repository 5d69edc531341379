{# What company records have in common when they are one company. #}

{# Domain of a web address or of a bare domain, lower case, without www; null for what is none and for mailbox providers. #}
{% macro company_domain(expression) -%}
    {%- set domain = "nullif(regexp_extract(lower(trim(" ~ expression ~ ")), '^([a-z]+://)?(www[.])?([^/:?#@ ]+[.][a-z]{2,})([/:?#]|$)', 3), '')" -%}
    {%- set public_domains = var('account_public_domains') -%}
    {%- if public_domains -%}
    case when {{ domain }} not in ('{{ public_domains | join("', '") }}') then {{ domain }} end
    {%- else -%}
    {{ domain }}
    {%- endif -%}
{%- endmacro %}

{# A company's name without its legal form, which sources write as they like or leave out. #}
{% macro company_name_key(expression) -%}
    {%- set forms = "[ ](gmbh|ag|kg|ohg|ug|se|ltd|limited|plc|llp|llc|inc|incorporated|corp|corporation|co|company|sa|sarl|sas|srl|spa|sl|bv|nv|ab|oy|as|aps|sp z oo|sro|pty|pvt)$" -%}
    {%- set once = replace_pattern(name_key(expression), forms, "") -%}
    nullif(trim({{ replace_pattern(once, forms, "") }}), '')
{%- endmacro %}
