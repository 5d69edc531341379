{# Normalizers that are one SQL expression. Those that need dictionaries of values live in models/staging/normalized. #}

{# Gender in many spellings to female, male or other; null where nothing is said. #}
{% macro normalize_gender(expression) -%}
    case
        when lower({{ expression }}) in ('f', 'w', 'female', 'woman', 'girl', 'fem', 'weiblich', 'frau', 'femme', 'féminin', 'feminin', 'femenino', 'mujer', 'femminile', 'donna', 'vrouw', 'feminino', 'mulher', 'kvinna', 'kvinde', 'kvinne', 'kobieta', 'mrs', 'ms', 'miss', '2', '2.0') then 'female'
        when lower({{ expression }}) in ('m', 'male', 'man', 'boy', 'masc', 'männlich', 'maennlich', 'mann', 'herr', 'homme', 'masculin', 'masculino', 'hombre', 'maschile', 'uomo', 'homem', 'mand', 'mężczyzna', 'mr', 'h', '1', '1.0') then 'male'
        when lower({{ expression }}) in ('o', 'x', 'd', 'other', 'diverse', 'divers', 'non-binary', 'nonbinary', 'non binary', 'nb', 'enby', 'autre', 'otro', 'altro', 'genderqueer', 'agender', 'intersex', '3', '9') then 'other'
    end
{%- endmacro %}


{# Codes of currencies and articles are written in capitals, whoever typed them. #}
{% macro normalize_code(expression) -%}
    nullif(upper(trim({{ expression }})), '')
{%- endmacro %}


{#  A score that lies on the scale of its kind; scales: least and highest score by kind, in lower case, and the step where there is nothing
    between the marks. Kinds without a scale have any score. #}
{% macro within_scale(expression, kind, scales) -%}
    case
        {%- for name, scale in scales.items() %}
        when lower({{ kind }}) = '{{ name }}' and ({{ expression }} not between {{ scale[0] }} and {{ scale[1] }}
            {{- ' or ' ~ expression ~ ' % ' ~ scale[2] ~ ' <> 0' if scale | length > 2 }}) then null
        {%- endfor %}
        else {{ expression }}
    end
{%- endmacro %}


{# Runs of white space become one space. #}
{% macro collapse_spaces(expression) -%}
    {{ text_replace_all(expression, '[ \\t\\r\\n]+', ' ') }}
{%- endmacro %}


{# Text shouted or whispered (all upper or all lower case) in proper case; mixed case is left as its owner wrote it. #}
{% macro repair_case(expression) -%}
    case
        when {{ expression }} = upper({{ expression }}) or {{ expression }} = lower({{ expression }})
            then {{ proper_case(expression) }}
        else {{ expression }}
    end
{%- endmacro %}


{# Street with house number, for display: one line, single spaces, repaired case. Abbreviations stay: only match keys expand them. #}
{% macro normalize_street(expression) -%}
    {{ repair_case(collapse_spaces(expression)) }}
{%- endmacro %}


{# City, for display. #}
{% macro normalize_city(expression) -%}
    {{ repair_case(collapse_spaces(expression)) }}
{%- endmacro %}


{#  Postal code: upper case and the one spacing its country uses. `country` is an ISO 3166-1 alpha-2 expression.
    Leading zeros that a spreadsheet dropped come back where the country's codes have a fixed number of digits, and the sign of a country before
    a number (D-10115) is taken off. #}
{% macro normalize_postal_code(expression, country) -%}
    {%- set unsigned = text_replace_all('upper(' ~ expression ~ ')', '^(AT?|BE?|CH|CZ|DE?|DK|ES?|FI?N?|FR?|IT?|LU?|NO?|SE?|SK|PL)-', '') -%}
    {%- set compact = text_replace_all(unsigned, '[ \\t.]+', '') -%}
    {%- set whole = text_replace_all(unsigned, '[.]0$', '') -%}
    case
        when {{ country }} in ('GB', 'GG', 'IM', 'JE', 'CA', 'IE') and length({{ compact }}) between 5 and 7
            then case
                when {{ country }} = 'IE' then left({{ compact }}, 3) || ' ' || substr({{ compact }}, 4)
                else left({{ compact }}, length({{ compact }}) - 3) || ' ' || right({{ compact }}, 3)
            end
        when {{ country }} = 'NL' and {{ text_matches(compact, '^[0-9]{4}[A-Z]{2}$') }}
            then left({{ compact }}, 4) || ' ' || right({{ compact }}, 2)
        when {{ country }} in ('SE', 'SK', 'CZ', 'GR') and {{ text_matches(compact, '^[0-9]{5}$') }}
            then left({{ compact }}, 3) || ' ' || right({{ compact }}, 2)
        when {{ country }} = 'SK' and {{ text_matches(whole, '^[0-9]{4}$') }}
            then '0' || left({{ whole }}, 2) || ' ' || right({{ whole }}, 2)
        when {{ country }} = 'PL' and {{ text_matches(compact, '^[0-9]{5}$') }}
            then left({{ compact }}, 2) || '-' || right({{ compact }}, 3)
        when {{ country }} = 'PL' and {{ text_matches(whole, '^[0-9]{3,4}$') }}
            then left(lpad({{ whole }}, 5, '0'), 2) || '-' || right({{ whole }}, 3)
        when {{ country }} in ('US', 'PR', 'VI', 'DE', 'FR', 'ES', 'IT', 'FI', 'MX', 'KR', 'MY', 'TR', 'UA') and {{ text_matches(whole, '^[0-9]{3,4}$') }}
            then lpad({{ whole }}, 5, '0')
        when {{ country }} in ('NO', 'AU', 'NZ', 'ZA') and {{ text_matches(whole, '^[0-9]{2,3}$') }}
            then lpad({{ whole }}, 4, '0')
        when {{ country }} in ('CN', 'RO', 'SG') and {{ text_matches(whole, '^[0-9]{5}$') }}
            then lpad({{ whole }}, 6, '0')
        else {{ collapse_spaces(whole) }}
    end
{%- endmacro %}


{#  Why a birth date is not believed, or null. 1900-01-01 is what systems write for "unknown". Where the people of long ago are
    the subject, `birth_date_oldest_years: 0` believes any date that has been. #}
{% macro birth_date_problem(expression) -%}
    case
        when {{ expression }} > current_date then 'birth date in the future'
        {%- if var('birth_date_oldest_years') > 0 %}
        when {{ expression }} = date '1900-01-01' then 'placeholder birth date'
        when {{ expression }} < current_date - interval {{ var('birth_date_oldest_years') }} year then 'birth date too long ago'
        {%- endif %}
    end
{%- endmacro %}


{% macro normalize_birth_date(expression) -%}
    case when {{ birth_date_problem(expression) }} is null then {{ expression }} end
{%- endmacro %}
