{#
  How destinations write what they hash, by their published rules. Each gives null where nothing is left, so that the hash of an
  empty text never goes out.
    Google: Data Manager API, "Format user data".    Meta: Conversions API, "Customer information parameters".
#}

{% macro plain_email(expression) -%}
    lower({{ blank_to_null(expression) }})
{%- endmacro %}

{% macro digits_of(expression) -%}
    {{ text_replace_all(expression, '[^0-9]', '') }}
{%- endmacro %}


{# Lower case without white space; Gmail ignores dots and what follows a plus sign, so they go there and only there. #}
{% macro google_email(expression) -%}
    {%- set address = text_replace_all('lower(' ~ expression ~ ')', '[ \\t\\r\\n]+', '') -%}
    {%- set local_part = text_part(address, '@', 1) -%}
    {%- set domain = text_part(address, '@', 2) -%}
    {%- set mailbox = "replace(" ~ text_part(local_part, '+', 1) ~ ", '.', '')" -%}
    case
        when {{ local_part }} = '' or coalesce({{ domain }}, '') = '' then null
        when {{ domain }} not in ('gmail.com', 'googlemail.com') then {{ address }}
        when {{ mailbox }} <> '' then {{ mailbox }} || '@' || {{ domain }}
    end
{%- endmacro %}

{# E.164 with its plus sign. #}
{% macro google_phone(expression) -%}
    '+' || nullif({{ digits_of(expression) }}, '')
{%- endmacro %}

{% macro google_given_name(expression) -%}
    {{ blank_to_null(text_replace_all('lower(' ~ expression ~ ')', '(^| )((mr|mrs|ms|dr)[.]( |$))+', ' ')) }}
{%- endmacro %}

{% macro google_family_name(expression) -%}
    {{ blank_to_null(text_replace_all(
        'lower(' ~ blank_to_null(expression) ~ ')',
        '((, *| +)(jr[.]|sr[.]|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd) ?)+$',
        ''
    )) }}
{%- endmacro %}


{% macro meta_email(expression) -%}
    {{ plain_email(expression) }}
{%- endmacro %}

{# Digits with the country code, without plus sign and leading zeros. #}
{% macro meta_phone(expression) -%}
    nullif({{ text_replace_all(digits_of(expression), '^0+', '') }}, '')
{%- endmacro %}

{# Lower case without punctuation; letters of every script stay. #}
{% macro meta_name(expression) -%}
    {{ blank_to_null(without_punctuation('lower(' ~ expression ~ ')')) }}
{%- endmacro %}

{% macro meta_city(expression) -%}
    nullif(replace({{ meta_name(expression) }}, ' ', ''), '')
{%- endmacro %}

{# Of a code of the United States the first five digits. #}
{% macro meta_postal_code(expression, country) -%}
    {%- set compact = text_replace_all('lower(' ~ expression ~ ')', '[ -]+', '') -%}
    nullif(case when upper({{ country }}) = 'US' then left({{ compact }}, 5) else {{ compact }} end, '')
{%- endmacro %}

{% macro meta_country(expression) -%}
    lower({{ blank_to_null(expression) }})
{%- endmacro %}
