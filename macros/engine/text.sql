{# Text functions whose spelling differs between engines. Patterns avoid classes that only one regex dialect knows. #}

{# White space trimmed on both sides, a blank text becomes null. #}
{% macro blank_to_null(expression) -%}
    {{ return(adapter.dispatch('blank_to_null', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__blank_to_null(expression) -%}
    nullif({{ trimmed(expression) }}, '')
{%- endmacro %}

{#  Trimming costs DuckDB four times as much as looking whether there is anything to trim, and nearly always there is not. A text begins with white
    space, or is empty, if it sorts before any other character or at the no-break space. Lists of characters are not asked with `in`, which the engine
    makes a join of: a table of many columns would need hundreds. #}
{% macro duckdb__blank_to_null(expression) -%}
    {%- set is_column = modules.re.fullmatch('[\\w.]+|([\\w]+[.])?"[^"]+"', expression) is not none -%}
    {%- if is_column -%}
    case when {{ expression }} < '!' or ({{ expression }} >= chr(160) and {{ expression }} < chr(161)) or contains(' ' || chr(9) || chr(10) || chr(13) || chr(160), right({{ expression }}, 1)) then {{ kindred.default__blank_to_null(expression) }} else {{ expression }} end
    {%- else -%}
    {{ kindred.default__blank_to_null(expression) }}
    {%- endif -%}
{%- endmacro %}


{# A text without white space around it, no-break spaces included. #}
{% macro trimmed(expression) -%}
    {{ return(adapter.dispatch('trimmed', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__trimmed(expression) -%}
    trim({{ expression }}, ' ' || chr(9) || chr(10) || chr(13) || chr(160))
{%- endmacro %}

{% macro spark__trimmed(expression) -%}
    trim(both ' ' || chr(9) || chr(10) || chr(13) || chr(160) from {{ expression }})
{%- endmacro %}


{# True where a text holds nothing but white space. #}
{% macro is_blank(expression) -%}
    {{ return(adapter.dispatch('is_blank', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__is_blank(expression) -%}
    ({{ expression }} is not null and {{ blank_to_null(expression) }} is null)
{%- endmacro %}

{# Only what begins with white space, or before any character, can be blank: a comparison tells, which costs next to nothing. #}
{% macro duckdb__is_blank(expression) -%}
    case when {{ expression }} < '!' or ({{ expression }} >= chr(160) and {{ expression }} < chr(161)) then {{ kindred.default__blank_to_null(expression) }} is null else false end
{%- endmacro %}


{# True where the text contains a match of the pattern (a regular expression). #}
{% macro text_matches(expression, pattern) -%}
    {{ return(adapter.dispatch('text_matches', 'kindred')(expression, pattern)) }}
{%- endmacro %}

{% macro default__text_matches(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__text_matches(expression, pattern) -%}
    {{ expression }} rlike '{{ pattern | replace('\\', '\\\\') }}'
{%- endmacro %}


{# Every match of the pattern replaced. #}
{% macro text_replace_all(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('text_replace_all', 'kindred')(expression, pattern, replacement)) }}
{%- endmacro %}

{% macro default__text_replace_all(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__text_replace_all(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern | replace('\\', '\\\\') }}', '{{ replacement }}')
{%- endmacro %}


{# First letter of each word upper case, the rest lower case; a sigma at the end of a word has its own letter. #}
{% macro proper_case(expression) -%}
    {{ return(adapter.dispatch('proper_case', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__proper_case(expression) -%}
    array_to_string(
        list_transform(
            string_split(regexp_replace(lower({{ expression }}), 'σ( |$)', 'ς\1', 'g'), ' '),
            lambda word: upper(left(word, 1)) || substr(word, 2)
        ),
        ' '
    )
{%- endmacro %}

{% macro spark__proper_case(expression) -%}
    initcap({{ expression }})
{%- endmacro %}


{# The shape of a value without its content: letters become x, digits 9. Safe to show, still tells what was wrong. #}
{% macro mask_value(expression) -%}
    {{ return(adapter.dispatch('mask_value', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__mask_value(expression) -%}
    left(regexp_replace(regexp_replace(cast({{ expression }} as string), '\p{N}', '9', 'g'), '\p{L}|\p{M}', 'x', 'g'), 60)
{%- endmacro %}

{% macro spark__mask_value(expression) -%}
    left(regexp_replace(regexp_replace(cast({{ expression }} as string), '\\p{N}', '9'), '\\p{L}|\\p{M}', 'x'), 60)
{%- endmacro %}


{# Text without punctuation and symbols of any script. #}
{% macro without_punctuation(expression) -%}
    {{ return(adapter.dispatch('without_punctuation', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__without_punctuation(expression) -%}
    regexp_replace({{ expression }}, '[\p{P}\p{S}]', '', 'g')
{%- endmacro %}

{% macro spark__without_punctuation(expression) -%}
    regexp_replace({{ expression }}, '[\\p{P}\\p{S}]', '')
{%- endmacro %}


{# The part with that number, counted from 1, of a text taken apart at a delimiter; null or empty where there are fewer parts. #}
{% macro text_part(expression, delimiter, number) -%}
    {{ return(adapter.dispatch('text_part', 'kindred')(expression, delimiter, number)) }}
{%- endmacro %}

{% macro default__text_part(expression, delimiter, number) -%}
    split_part({{ expression }}, '{{ delimiter }}', {{ number }})
{%- endmacro %}

{# DuckDB 2.0 cannot plan a comparison of split_part with a constant inside of case or or where the whole column is null. #}
{% macro duckdb__text_part(expression, delimiter, number) -%}
    string_split({{ expression }}, '{{ delimiter }}')[{{ number }}]
{%- endmacro %}
