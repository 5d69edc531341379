{#
    The comparisons: what is compared about two records, and how much of it agrees.

    Each comparison yields an integer level for a pair of records (`l` and `r`, rows of identity_features): 0 = nothing to compare
    (a value is missing), 1 = disagreement, higher = closer, 31 at the most. All levels of a pair are packed into one integer, the
    pattern, five bits a comparison. Millions of pairs have a few thousand patterns, and everything statistical works on those.

    Keys of a comparison
      name      its name, as in identity_match_weights and identity_edges
      sql       the level, an integer expression
      labels    what the levels mean, from level 1 up
      exact     {level: feature column that agrees exactly at that level}; its value frequency replaces the average chance
                of an agreement ("term frequency adjustment")
      person    true if it is evidence about the person even between members of one household
      several   true if a person has several values at a time, so that the best agreement of two groups of records counts
#}
{% macro identity_comparisons() %}
    {% set similar = 'jaro_winkler_similarity' %}
    {% set comparisons = [
        {
            'name': 'name',
            'sql': name_level_sql(),
            'labels': name_level_labels(),
            'person': true,
        },
        {
            'name': 'birth_date',
            'sql': "case when l.birth_day is null or r.birth_day is null then 0"
                ~ " when l.birth_day = r.birth_day then 6"
                ~ " when left(l.birth_day, 4) = left(r.birth_day, 4) and substr(l.birth_day, 5, 2) = substr(r.birth_day, 7, 2)"
                ~ " and substr(l.birth_day, 7, 2) = substr(r.birth_day, 5, 2) then 5"
                ~ " when " ~ within_one_edit('l.birth_day', 'r.birth_day') ~ " then 5"
                ~ " when left(l.birth_day, 4) = left(r.birth_day, 4) then 4"
                ~ " when substr(l.birth_day, 5) = substr(r.birth_day, 5) then 3"
                ~ " when " ~ edit_distance('l.birth_day', 'r.birth_day') ~ " <= 2 then 2"
                ~ " else 1 end",
            'labels': ['different', 'two digits differ', 'same day of another year', 'same year',
                'one digit differs or day and month are swapped', 'equal'],
            'exact': {6: 'birth_day'},
            'person': true,
        },
        {
            'name': 'gender',
            'sql': "case when l.gender is null or r.gender is null then 0 when l.gender = r.gender then 2 else 1 end",
            'labels': ['different', 'equal'],
            'person': true,
        },
        {
            'name': 'email',
            'sql': email_level_sql(),
            'labels': ['different', 'same domain', 'local parts equal', 'one letter differs', 'equal'],
            'exact': {5: 'email', 2: 'email_domain'},
            'person': false,
            'several': true,
        },
        {
            'name': 'phone',
            'sql': "case when coalesce(l.phone, l.secondary_phone) is null or coalesce(r.phone, r.secondary_phone) is null then 0"
                ~ " when l.phone = r.phone then 4"
                ~ " when l.phone = r.secondary_phone or l.secondary_phone = r.phone or l.secondary_phone = r.secondary_phone then 3"
                ~ " when " ~ within_one_edit('l.phone', 'r.phone') ~ " or right(l.phone, 7) = right(r.phone, 7) then 2 else 1 end",
            'labels': ['different', 'one digit or the prefix differs', 'equal to a second number', 'equal'],
            'exact': {4: 'phone'},
            'person': false,
            'several': true,
        },
        {
            'name': 'address',
            'sql': address_level_sql(),
            'labels': ['different', 'same town or postal district', 'postal code nearly equal, or street in another spelling',
                'same postal code', 'same postal code and house number', 'same street, town unknown or different',
                'street in another spelling and same town', 'equal'],
            'exact': {8: 'street_key', 5: 'postal_key', 4: 'postal_key'},
            'person': false,
        },
    ] %}
    {% for name in var('identity_extra_attributes') %}
        {% do comparisons.append({
            'name': name,
            'sql': "case when l." ~ name ~ " is null or r." ~ name ~ " is null then 0 when l." ~ name ~ " = r." ~ name ~ " then 3"
                ~ " when " ~ similar ~ "(l." ~ name ~ ", r." ~ name ~ ") >= 0.88 then 2 else 1 end",
            'labels': ['different', 'similar', 'equal'],
            'exact': {3: name},
            'person': false,
        }) %}
    {% endfor %}
    {% set wanted = var('identity_comparisons') %}
    {% for name in wanted if name not in comparisons | map(attribute='name') | list %}
        {{ exceptions.raise_compiler_error("identity_comparisons: '" ~ name ~ "' is not known. Known: "
            ~ comparisons | map(attribute='name') | join(', ')) }}
    {% endfor %}
    {% set used = comparisons if not wanted else comparisons | selectattr('name', 'in', wanted) | list %}
    {% if used | length > 12 %}
        {{ exceptions.raise_compiler_error("identity_extra_attributes: a pattern holds 12 comparisons, and these are "
            ~ used | length ~ ". Leave out the least telling ones.") }}
    {% endif %}
    {{ return(used) }}
{% endmacro %}

{# Comparisons as data, a row for each level: what the match weights are estimated for, and what a level of a pair means. #}
{% macro comparison_levels(comparisons) %}
    {%- for comparison in comparisons %}
    {%- set outer = loop %}
    {%- for label in comparison.labels %}
    select
        {{ outer.index0 }} as comparison_number,
        '{{ comparison.name }}' as comparison,
        {{ loop.index }} as level,
        '{{ label }}' as label,
        {{ 'true' if comparison.person else 'false' }} as is_person,
        {{ 'true' if comparison.several else 'false' }} as has_several_values
    {{ "union all" if not (loop.last and outer.last) }}
    {%- endfor %}
    {%- endfor %}
{% endmacro %}

{#
    Given and family name are one comparison, because they are not independent: a marriage changes one, a household shares one, a
    form swaps both. Its level is 5 * (given name level) + (family name level), and 30 or 31 for names that swapped places.
    Given name: 0 missing, 1 different, 2 same initial, 3 similar in spelling or sound, 4 nickname or one is a part of the other, 5 equal.
    Family name: 0 missing, 1 different, 2 similar in spelling or sound, 3 one is a part of the other, 4 equal.
    Junior and senior have two given names, whatever they are called. A single name may be a family name, or both names in one word.
#}
{% macro given_name_labels() %}
    {{ return(['given name missing', 'given name different', 'same initial', 'given name similar', 'nickname', 'given name equal']) }}
{% endmacro %}

{% macro family_name_labels() %}
    {{ return(['family name missing', 'family name different', 'family name similar', 'family name in part', 'family name equal']) }}
{% endmacro %}

{% macro name_level_labels() %}
    {% set labels = [] %}
    {% for level in range(1, 30) %}
        {% do labels.append(given_name_labels()[level // 5] ~ ', ' ~ family_name_labels()[level % 5]) %}
    {% endfor %}
    {{ return(labels + ['names swapped and similar', 'names swapped']) }}
{% endmacro %}

{# One name is a part of the other, in whole words. #}
{% macro is_part_of_name(one, other) -%}
    (
        contains(concat(' ', {{ one }}, ' '), concat(' ', {{ other }}, ' '))
        or contains(concat(' ', {{ other }}, ' '), concat(' ', {{ one }}, ' '))
    )
{%- endmacro %}

{% macro given_level_sql() -%}
    case
        when l.given_key is null or r.given_key is null then 0
        when l.given_key = r.given_key then 5
        when {{ arrays_overlap('l.given_roots', 'r.given_roots') }}
            or split_part(l.given_key, ' ', 1) = split_part(r.given_key, ' ', 1)
            or (length(l.given_key) > 1 and length(r.given_key) > 1 and {{ is_part_of_name('l.given_key', 'r.given_key') }}) then 4
        when jaro_winkler_similarity(l.given_key, r.given_key) >= 0.88 or l.given_sound = r.given_sound
            or (length(least(l.given_key, r.given_key)) = 1 and left(l.given_key, 1) = left(r.given_key, 1)) then 3
        when left(l.given_key, 1) = left(r.given_key, 1) then 2
        else 1
    end
{%- endmacro %}

{% macro family_level_sql() -%}
    case
        when l.family_key is null or r.family_key is null then 0
        when l.family_key = r.family_key then 4
        when {{ is_part_of_name('l.family_key', 'r.family_key') }} then 3
        when jaro_winkler_similarity(l.family_key, r.family_key) >= 0.9 or l.family_sound = r.family_sound then 2
        else 1
    end
{%- endmacro %}

{% macro name_level_sql() %}
    {%- set similar = 'jaro_winkler_similarity' -%}
    case
        when l.generation <> r.generation then 5 + {{ family_level_sql() }}
        when l.given_key = r.given_key and l.family_key = r.family_key then 29
        {%- for one, other in [('l', 'r'), ('r', 'l')] %}
        when {{ one }}.family_key is null and {{ one }}.given_key <> {{ other }}.given_key
            then case
                when {{ one }}.given_key = {{ other }}.family_key then 2
                when replace({{ one }}.given_key, ' ', '') in (
                    replace(concat({{ other }}.given_key, {{ other }}.family_key), ' ', ''),
                    replace(concat({{ other }}.family_key, {{ other }}.given_key), ' ', '')
                ) then 17
                else 5 * {{ given_level_sql() }}
            end
        {%- endfor %}
        when l.given_key = r.family_key and l.family_key = r.given_key and l.given_key <> l.family_key then 31
        when l.given_key is not null and r.given_key is not null and l.given_key <> r.given_key and l.family_key <> r.family_key
            -- The more one name is the other's, the less like need the second be: 'Allen Jenny' is Jennifer Allen.
            and {{ similar }}(l.given_key, r.family_key) >= 0.85 and {{ similar }}(l.family_key, r.given_key) >= 0.85
            and {{ similar }}(l.given_key, r.family_key) + {{ similar }}(l.family_key, r.given_key) >= 1.8
            and {{ similar }}(l.given_key, r.given_key) < 0.8 then 30
        else 5 * {{ given_level_sql() }} + {{ family_level_sql() }}
    end
{% endmacro %}

{#
    People build their addresses from their names, so that namesakes have similar ones: likeness of addresses is no evidence beyond the
    names. What counts is the same address, a slip of one letter (a digit, a dot or a hyphen that differs is another person, and so is a
    letter in which the names differ too), and the same local part at another provider, unless names explain it. They do not if it has
    digits beside two names that agree, if it has the family name of one record and that of the other is another name (people marry and
    keep their address), or if it has no name at all.
#}
{% macro email_level_sql() %}
    {%- set letters = "translate({0}.email_local, '0123456789._-', '')" -%}
    case
        when l.email is null or r.email is null then 0
        when l.email = r.email then 5
        when case
            when {{ within_one_edit('l.email', 'r.email') }}
                then l.email_local = r.email_local
                    or (
                        {{ letters.format('l') }} <> {{ letters.format('r') }}
                        and not coalesce(
                            l.family_key <> r.family_key
                            and contains(l.email_local, l.family_key) and contains(r.email_local, r.family_key), false
                        )
                    )
            else false
        end then 4
        when l.email_local = r.email_local
            then case
                when l.given_root = r.given_root and l.family_key = r.family_key
                    then case when {{ matches_pattern('l.email_local', '[0-9][0-9]') }} then 3 else 0 end
                when l.given_root = r.given_root and l.family_sound <> r.family_sound
                    and jaro_winkler_similarity(l.family_key, r.family_key) < 0.85
                    and not {{ is_part_of_name('l.family_key', 'r.family_key') }}
                    and (contains(l.email_local, l.family_key) or contains(l.email_local, r.family_key)) then 3
                when contains(l.email_local, left(l.given_key, 3)) or contains(l.email_local, left(r.given_key, 3))
                    or contains(l.email_local, l.family_key) or contains(l.email_local, r.family_key) then 0
                else 3
            end
        when l.email_domain = r.email_domain then 2
        else 1
    end
{% endmacro %}

{# Street, town and postal code are not independent either: one comparison with ordered levels. A house number that differs is no typing error. #}
{% macro address_level_sql() %}
    {%- set same_place = "(l.postal_key = r.postal_key or l.city_key = r.city_key)" -%}
    {%- set same_street = "(jaro_winkler_similarity(l.street_key, r.street_key) >= 0.9 and (l.house_number = r.house_number or l.house_number is null or r.house_number is null))" -%}
    case
        when (l.street_key is null or r.street_key is null) and (l.postal_key is null or r.postal_key is null)
            and (l.city_key is null or r.city_key is null) then 0
        when l.street_key = r.street_key and {{ same_place }} then 8
        when {{ same_place }} and {{ same_street }} then 7
        when l.street_key = r.street_key then 6
        when l.postal_key = r.postal_key and l.house_number = r.house_number then 5
        when l.postal_key = r.postal_key then 4
        when {{ within_one_edit('l.postal_key', 'r.postal_key') }} or {{ same_street }} then 3
        when l.city_key = r.city_key or left(l.postal_key, 3) = left(r.postal_key, 3) then 2
        else 1
    end
{% endmacro %}

{# Columns of identity_features whose value frequencies are counted. #}
{% macro frequency_attributes() %}
    {{ return(['given_key', 'family_key', 'birth_day', 'email', 'email_domain', 'phone', 'street_key', 'postal_key'] + var('identity_extra_attributes')) }}
{% endmacro %}

{# The packed pattern of a pair; bit 60 tells whether both records come from one source. #}
{% macro pattern_sql(comparisons=none) %}
    {%- for comparison in comparisons or identity_comparisons() %}
    cast({{ comparison.sql }} as bigint) * {{ 32 ** loop.index0 }} +
    {%- endfor %}
    case when l.source_name = r.source_name then {{ 2 ** 60 }} else 0 end
{%- endmacro %}

{#
    Where an exact agreement is judged by the frequency of its value. Keys: the condition on a pair, the attribute whose frequency
    counts, whether it identifies a person, the chance (bits) that the model has used for it, and the least number of other people's
    records that is assumed to share it: a name is somebody else's too, an e-mail address or a phone rarely is.
#}
{% macro frequency_adjustments() %}
    {% set adjustments = [] %}
    {% for comparison in identity_comparisons() %}
        {% set number = loop.index0 %}
        {% if comparison.name == 'name' %}
            {% set level = bit_field('likely.pattern', 5 * number, 5) %}
            {% for kind, attribute, condition in [
                ('person', 'given_key', level ~ ' between 25 and 29'), ('shared', 'family_key', level ~ ' % 5 = 4 and ' ~ level ~ ' < 30'),
            ] %}
                {% do adjustments.append({
                    'name': attribute, 'comparison': 'name', 'kind': kind, 'attribute': attribute, 'floor': 1.0,
                    'condition': condition,
                    'rate': 'counted.' ~ attribute ~ '_bits',
                }) %}
            {% endfor %}
        {% else %}
            {% for level, attribute in (comparison.exact or {}).items() %}
                {% do adjustments.append({
                    'name': comparison.name ~ '_' ~ level,
                    'comparison': comparison.name,
                    'kind': 'person' if comparison.person else 'shared',
                    'attribute': attribute,
                    'floor': 0.1 if attribute in ['email', 'phone', 'street_key'] else 1.0,
                    'condition': bit_field('likely.pattern', 5 * number, 5) ~ ' = ' ~ level,
                    'rate': 'counted.postal_key_bits' if attribute == 'postal_key'
                        else 'max(case when weights.comparison_number = ' ~ number ~ ' and weights.level = ' ~ level
                        ~ ' then log2(weights.u) end)',
                }) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(adjustments) }}
{% endmacro %}

{# The same, grouped by what is evidence of its own: given name, family name, and each other comparison. #}
{% macro frequency_groups() %}
    {% set groups = [] %}
    {% for adjustment in frequency_adjustments() %}
        {% set name = {'given_key': 'given_name', 'family_key': 'family_name'}.get(adjustment.name, adjustment.comparison) %}
        {% set known = groups | selectattr('name', 'equalto', name) | list %}
        {% if known %}
            {% do known[0].adjustments.append(adjustment) %}
        {% else %}
            {% do groups.append({'name': name, 'is_person': adjustment.kind == 'person', 'adjustments': [adjustment]}) %}
        {% endif %}
    {% endfor %}
    {{ return(groups) }}
{% endmacro %}

{# What value frequencies add to the weight of a pair, in bits. #}
{% macro frequency_total(alias) -%}
    0.0 {% for group in frequency_groups() %}+ {{ alias }}.{{ group.name }}_frequency_bits{{ " " if not loop.last }}{% endfor %}
{%- endmacro %}
