{# Hashes of text whose spelling differs between engines. #}

{# SHA-256 of a text as 64 lower-case hexadecimal digits; null stays null. #}
{% macro sha256_hex(expression) -%}
    {{ return(adapter.dispatch('sha256_hex', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__sha256_hex(expression) -%}
    sha256({{ expression }})
{%- endmacro %}

{% macro spark__sha256_hex(expression) -%}
    sha2({{ expression }}, 256)
{%- endmacro %}


{# A stable key of several values: the same values give the same 32 hexadecimal digits on every engine and in every run.
   Parts are text or cast to it; null differs from the empty text. #}
{% macro stable_key(expressions) -%}
    md5(
        {%- for expression in expressions %}
        coalesce(cast({{ expression }} as string), '~') {{- " || '|' ||" if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{# A text that nobody can guess, another one each time. #}
{% macro random_text() -%}
    {{ return(adapter.dispatch('random_text', 'kindred')()) }}
{%- endmacro %}

{% macro default__random_text() -%}
    sha256(cast(gen_random_uuid() as string) || cast(gen_random_uuid() as string))
{%- endmacro %}

{% macro spark__random_text() -%}
    sha2(concat(uuid(), uuid()), 256)
{%- endmacro %}
