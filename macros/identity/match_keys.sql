{# Match keys: what two spellings of one thing have in common. Lower case, ASCII, no punctuation; null when nothing is left. #}

{% macro name_key(expression) -%}
    nullif(
        trim(
            {{ replace_pattern(replace_pattern(fold_accents("replace(lower(" ~ expression ~ "), 'ß', 'ss')"), "[^a-z0-9 -]", ""), "[ -]+", " ") }}
        ), ''
    )
{%- endmacro %}

{#
    Father and son are told apart by what follows the family name. It is no part of the name: 'miller jr' is a Miller. Generations are
    numbered from 1; null where nothing is said ('Senior' is a family name of its own). Both take a name_key of a family name.
#}
{% macro generations() %}
    {{ return({
        '1': ['sr', 'snr'], '2': ['jr', 'jnr', 'junior', 'ii', 'filho'], '3': ['iii', 'neto'], '4': ['iv'],
    }) }}
{% endmacro %}

{% macro without_generation(family_key) -%}
    case
        when {{ generation_of(family_key) }} is null then {{ family_key }}
        else left({{ family_key }}, length({{ family_key }}) - length(split_part({{ family_key }}, ' ', -1)) - 1)
    end
{%- endmacro %}

{% macro generation_of(family_key) -%}
    case
        when not contains({{ family_key }}, ' ') then null
        {%- for generation, words in generations().items() %}
        when split_part({{ family_key }}, ' ', -1) in ('{{ words | join("', '") }}') then {{ generation }}
        {%- endfor %}
    end
{%- endmacro %}

{# Street lines: the same, with the commonest words for street, road and avenue reduced to one short form. #}
{% macro street_key(expression) -%}
    {%- set letters = replace_pattern(fold_accents("replace(lower(" ~ expression ~ "), 'ß', 'ss')"), "[^a-z0-9]+", " ") -%}
    {%- set streets = replace_pattern(letters, "(\\bstreet|strasse|str)\\b", " st") -%}
    {%- set roads = replace_pattern(streets, "\\broad\\b", "rd") -%}
    {%- set avenues = replace_pattern(roads, "\\b(avenue|avenida|avda|av)\\b", "ave") -%}
    nullif(trim({{ replace_pattern(avenues, " +", " ") }}), '')
{%- endmacro %}

{# E-mail addresses that reach one mailbox: what follows a plus sign is a label, and Gmail has two names and reads no dots. #}
{% macro email_key(expression) -%}
    case
        when {{ expression }} like '%@gmail.com' or {{ expression }} like '%@googlemail.com'
            then concat(replace({{ email_local(expression) }}, '.', ''), '@gmail.com')
        else {{ replace_pattern(expression, "[+][^@]*@", "@") }}
    end
{%- endmacro %}

{# The part before the at sign, without a label. #}
{% macro email_local(expression) -%}
    split_part(split_part({{ expression }}, '@', 1), '+', 1)
{%- endmacro %}

{# The part after the at sign, the same for both names of Gmail. #}
{% macro email_domain(expression) -%}
    split_part(replace({{ expression }}, '@googlemail.com', '@gmail.com'), '@', 2)
{%- endmacro %}

{# The first run of digits in a street line is taken for the house number. #}
{% macro house_number(expression) -%}
    nullif(regexp_extract({{ expression }}, '([0-9]+)', 1), '')
{%- endmacro %}

{#
    How a name sounds, across European spellings, in two steps that keep the SQL shallow: digraphs are folded, then letters that stand
    for one sound share a sign, the vowels after the first letter are dropped and doubled consonants become one. Coarser than Soundex
    for foreign spellings, finer for endings: all consonants stay.
#}
{% macro fold_digraphs(expression) -%}
    {%- set folded = namespace(sql=expression) -%}
    {%- for digraph, sign in [
        ('sch', 's'), ('tch', 'c'), ('ph', 'f'), ('ck', 'k'), ('sh', 's'), ('ch', 'k'), ('th', 't'), ('gh', 'g'), ('kn', 'n'),
        ('wr', 'r'), ('cz', 's'), ('sz', 's'), ('tz', 's'), ('ts', 's'), ('ks', 'x'), ('qu', 'k'),
    ] -%}
        {%- set folded.sql = "replace(" ~ folded.sql ~ ", '" ~ digraph ~ "', '" ~ sign ~ "')" -%}
    {%- endfor -%}
    {{ folded.sql }}
{%- endmacro %}

{% macro phonetic_key(folded_name) -%}
    {%- set sound = namespace(sql="translate(" ~ folded_name ~ ", 'cqzwyjdp', 'kksviitb')") -%}
    {%- set sound.sql = "concat(left(" ~ sound.sql ~ ", 1), translate(substr(" ~ sound.sql ~ ", 2), 'aeiouh ', ''))" -%}
    {%- for letter in 'bfgklmnrstvx' -%}
        {%- set sound.sql = "replace(" ~ sound.sql ~ ", '" ~ letter ~ letter ~ "', '" ~ letter ~ "')" -%}
    {%- endfor -%}
    nullif({{ sound.sql }}, '')
{%- endmacro %}
