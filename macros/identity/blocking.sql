{#
    Blocking rules: two records are compared when they agree on all parts of at least one rule. These are the candidates; which of
    them are used is decided on the data (identity_blocking_rules), by the number of pairs that each one costs.
#}
{# A part is null where the record says nothing: hence `||`, which is null with a null, and not concat, which skips it. #}
{% macro blocking_key_parts() %}
    {{ return({
        'given': 'given_key', 'given1': 'left(given_key, 1)', 'given2': 'left(given_key, 2)', 'given3': 'left(given_key, 3)',
        'given_root': 'given_root', 'given_sound': 'given_sound',
        'family': 'family_key', 'family2': 'left(family_key, 2)', 'family4': 'left(family_key, 4)', 'family_sound': 'family_sound',
        'names': "case when given_key < family_key then given_key || ' ' || family_key else family_key || ' ' || given_key end",
        'birth_date': 'birth_day', 'birth_year': 'left(birth_day, 4)', 'birth_month_day': 'substr(birth_day, 5)',
        'birth_digits': "left(birth_day, 4) || least(substr(birth_day, 5, 2), substr(birth_day, 7, 2)) || greatest(substr(birth_day, 5, 2), substr(birth_day, 7, 2))",
        'email': 'email', 'email_local': 'email_local', 'phone': 'phone', 'phone_end': 'right(phone, 7)',
        'secondary_phone': 'secondary_phone',
        'street': 'street_key', 'street_start': 'left(street_key, 8)', 'city': 'city_key',
        'postal': 'postal_key', 'postal3': 'left(postal_key, 3)',
    }) }}
{% endmacro %}

{% macro blocking_candidates() %}
    {% set rules = [
        'email', 'phone', 'email_local+given1', 'phone_end+given1', 'email_local+family2',
        'names', 'given+family', 'given+birth_date', 'family+birth_date', 'given3+family4', 'given2+family2+birth_year',
        'given_root+family_sound', 'given_root+birth_date', 'family_sound+birth_digits', 'given_sound+birth_digits',
        'given_root+family_sound+birth_year', 'given_root+family_sound+postal3', 'given_root+family_sound+city',
        'given+family+birth_year', 'given+family+city', 'given+family+postal', 'postal+given', 'postal+family', 'postal+given_root',
        'postal3+given', 'postal3+family', 'postal3+birth_date', 'street+given', 'street+family', 'street+postal', 'street+birth_date',
        'street_start+given', 'street_start+postal', 'birth_date+postal', 'birth_date+city', 'birth_date+street_start', 'birth_date',
        'family+city+given1', 'family+birth_year', 'postal', 'postal+birth_year', 'family4+birth_month_day+given1',
        'given3+birth_month_day+birth_year', 'family+given1+birth_month_day',
    ] %}
    {% for name in var('identity_extra_attributes') %}
        {% for other in ['birth_date', 'family', 'family_sound', 'given', 'postal', 'postal3'] %}
            {% do rules.append(name ~ '+' ~ other) %}
        {% endfor %}
        {% for other in var('identity_extra_attributes')[loop.index:] %}
            {% do rules.append('family+' ~ name ~ '+' ~ other) %}
        {% endfor %}
    {% endfor %}
    {# The rules of a pair are one bit each of a 64-bit integer. #}
    {{ return((var('identity_blocking_rules') or rules)[:62]) }}
{% endmacro %}

{# SQL expressions of the parts of a rule ('family+birth_date'); an extra attribute stands for its own column. #}
{% macro blocking_rule_columns(rule) %}
    {% set parts = blocking_key_parts() %}
    {% set columns = [] %}
    {% for part in rule.split('+') %}
        {% if part not in parts and part not in var('identity_extra_attributes') %}
            {{ exceptions.raise_compiler_error("identity_blocking_rules: '" ~ part ~ "' in rule '" ~ rule ~ "' is not known. Known parts: "
                ~ (parts.keys() | list + var('identity_extra_attributes')) | join(', ')) }}
        {% endif %}
        {% do columns.append(parts.get(part, part)) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{# The parts that rules are made of, each once, as {name: key expression}. #}
{% macro blocking_rule_parts(rules) %}
    {% set known = blocking_key_parts() %}
    {% set parts = {} %}
    {% for rule in rules %}
        {% do blocking_rule_columns(rule) %}
        {% for part in rule.split('+') %}{% do parts.update({part: known.get(part, part)}) %}{% endfor %}
    {% endfor %}
    {{ return(parts) }}
{% endmacro %}

{#
    Keys of rules, given as (number, rule), for the records of `relation`, a table or CTE with the columns of identity_features: one row per
    rule and record that has a value for all its parts. The lowest six bits of a block key are the number of its rule. A part is hashed once,
    whichever rules use it. Of the keys that `sample` (a condition on block_key) is false for, none is given.
#}
{% macro blocking_keys_sql(relation, rules, sample=none) %}
    {%- set names = [] %}
    {%- for number, rule in rules %}{% do names.append(rule) %}{% endfor %}
    with parts as (
        select
            {%- for part, expression in blocking_rule_parts(names).items() %}
            case when {{ expression }} is not null then {{ hash_key([expression]) }} end as {{ part }}_hash,
            {%- endfor %}
            record_key
        from {{ relation }}
    ),

    keys as (
        {%- for number, rule in rules %}
        {%- set hashes = [] %}
        {%- for part in rule.split('+') %}{% do hashes.append(part ~ '_hash') %}{% endfor %}
        select
            ({{ hash_key(hashes) }} & -64) | {{ number }} as block_key,
            record_key
        from parts
        where {{ hashes | join(' is not null and ') }} is not null
        {{ "union all" if not loop.last }}
        {%- else %}
        select cast(null as bigint) as block_key, record_key from parts
        where false
        {%- endfor %}
    )

    select block_key, record_key from keys
    {%- if sample %}
    where {{ sample }}
    {%- endif %}
{% endmacro %}

{# Which parts of the candidate rules a pair (`l`, `r`) has in common, as columns same_<part> of 0 and 1. #}
{% macro shared_parts_sql() %}
    {%- for part, expression in blocking_rule_parts(blocking_candidates()).items() %}
    case when {{ feature_of('l', expression) }} = {{ feature_of('r', expression) }} then 1 else 0 end as same_{{ part }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Bit mask of the candidate rules that a pair satisfies, from the columns of shared_parts_sql. #}
{% macro shared_rules_sql() %}
    {%- for rule in blocking_candidates() %}
    cast({% for part in rule.split('+') %}same_{{ part }}{{ " * " if not loop.last }}{% endfor %} as bigint) * {{ 2 ** loop.index0 }}{{ " +" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# A key expression over identity_features, read from the record with the given alias. #}
{% macro feature_of(alias, expression) -%}
    {{ modules.re.sub("\\b(given_key|given_root|given_sound|family_key|family_sound|birth_day|email|email_local|phone|secondary_phone|street_key|city_key|postal_key" ~ ("|" if var('identity_extra_attributes')) ~ var('identity_extra_attributes') | join('|') ~ ")\\b", alias ~ ".\\1", expression) }}
{%- endmacro %}

{# Selected rules as (number, rule); before identity_blocking_rules exists, all candidates. At most 62 fit the bit mask of a pair. #}
{% macro selected_blocking_rules() %}
    {% set selected = [] %}
    {% set relation = load_relation(ref('identity_blocking_rules')) if execute else none %}
    {% if relation is not none %}
        {% for row in run_query("select rule_number, blocking_rule from " ~ relation ~ " where is_selected order by rule_number").rows %}
            {% do selected.append((row[0], row[1])) %}
        {% endfor %}
    {% else %}
        {% for rule in blocking_candidates() %}{% do selected.append((loop.index0, rule)) %}{% endfor %}
    {% endif %}
    {{ return(selected) }}
{% endmacro %}

{# Comparisons whose values a rule has already used: inside its blocks they agree by construction and teach nothing. #}
{% macro blocking_rule_comparisons(rule) %}
    {% set comparisons = [] %}
    {% for part in rule.split('+') %}
        {% set comparison = 'name' if part.startswith(('given', 'family', 'names'))
            else 'birth_date' if part.startswith('birth_') and part in blocking_key_parts()
            else 'email' if part.startswith('email')
            else 'phone' if part in ['phone', 'phone_end', 'secondary_phone']
            else 'address' if part in ['street', 'street_start', 'city', 'postal', 'postal3']
            else part %}
        {% if comparison not in comparisons %}{% do comparisons.append(comparison) %}{% endif %}
    {% endfor %}
    {{ return(comparisons) }}
{% endmacro %}

{#
    Rules that imply a person train the model. A rule of place and family name would teach it that households are people.
#}
{% macro is_training_rule(rule) %}
    {% set parts = rule.split('+') %}
    {% set own = [] %}
    {% for part in parts if part in ['given', 'given2', 'given3', 'given_root', 'given_sound', 'names', 'birth_date', 'birth_digits', 'email', 'email_local'] %}
        {% do own.append(part) %}
    {% endfor %}
    {{ return(own | length > 0) }}
{% endmacro %}
