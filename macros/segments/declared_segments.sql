{#
  What a segment declaration (vars: segments) must have, and what it may have. Who is in it is said by at least one of
    predicate   a condition over customer_features
    sql         a whole query that gives customer_id; {ref:model} stands for a model
    all_of, any_of, none_of   names of other segments
  and where there are several, all of them must hold. minimum_size: the segment is not activated while it is smaller.
  time_to_live_days: so long after the entry the stay ends, and there is no new one until the customer has stopped to qualify.
#}
{% macro segment_keys() %}
    {{ return({
        'required': ['name', 'label', 'description', 'owner', 'purpose', 'channels'],
        'optional': ['predicate', 'sql', 'all_of', 'any_of', 'none_of', 'minimum_size', 'time_to_live_days'],
        'rules': ['predicate', 'sql', 'all_of', 'any_of', 'none_of'],
        'lists': ['all_of', 'any_of', 'none_of'],
    }) }}
{% endmacro %}


{# Stops with one sentence that says which segment is wrong, where it stands, and why. `key`: the one that is wrong. #}
{% macro raise_segment_error(segment_name, problem, key='name') %}
    {% set place = declaration_place(segment_name, key) or 'vars: segments' %}
    {{ exceptions.raise_compiler_error("Segment '" ~ segment_name ~ "' (" ~ place ~ "): " ~ problem) }}
{% endmacro %}


{# What was probably meant, as a sentence; nothing where no name is like it. #}
{% macro did_you_mean(word, names) %}
    {% set name = closest_name(word, names) %}
    {{ return(" Did you mean '" ~ name ~ "'?" if name else '') }}
{% endmacro %}


{# While dbt reads the project, all that matters is which models the queries read; mistakes are told when there is a database to ask. #}
{% macro unchecked_segments(declared) %}
    {% set unchecked = [] %}
    {% for segment in declared if segment is mapping %}
        {% do unchecked.append({'name': segment.get('name') | string, 'condition': (segment.get('sql') or '') | string}) %}
    {% endfor %}
    {{ return(unchecked) }}
{% endmacro %}


{# Every declared segment, checked for shape; each comes with `condition`, its rules as one condition with thresholds filled in. #}
{% macro declared_segments(segments=none) %}
    {% set declared = (var('segments', []) if segments is none else segments) or [] %}
    {% if not execute %}{{ return(unchecked_segments(declared)) }}{% endif %}
    {% set keys = segment_keys() %}
    {% set by_name = {} %}
    {% set checked = [] %}
    {% for segment in declared %}
        {% if segment is not mapping %}
            {{ raise_segment_error('number ' ~ loop.index, 'is not a mapping of keys; write ' ~ keys.required | join(', ') ~ ' and predicate.') }}
        {% endif %}
        {% set label = segment.get('name') or 'number ' ~ loop.index %}
        {% for key in keys.required if not segment.get(key) %}
            {{ raise_segment_error(label, "key '" ~ key ~ "' is missing or empty.") }}
        {% endfor %}
        {% for key in segment if key not in keys.required + keys.optional %}
            {{ raise_segment_error(
                label,
                "unknown key '" ~ key ~ "'; known keys are " ~ (keys.required + keys.optional) | join(', ') ~ '.' ~ did_you_mean(key, keys.required + keys.optional),
                key
            ) }}
        {% endfor %}
        {% set rules = [] %}
        {% for key in keys.rules if segment.get(key) %}{% do rules.append(key) %}{% endfor %}
        {% if not rules %}
            {{ raise_segment_error(label, "key 'predicate' is missing or empty, and so are sql, all_of, any_of and none_of: say who is in it.") }}
        {% endif %}
        {% if not modules.re.match('^[a-z][a-z0-9_]{0,62}$', segment.name | string) %}
            {{ raise_segment_error(label, 'the name must be lower-case letters, digits and underscores, beginning with a letter.') }}
        {% endif %}
        {% if segment.name in by_name %}
            {{ raise_segment_error(label, 'is declared twice; names must be unique.') }}
        {% endif %}
        {% for key in ['channels'] + keys.lists if segment.get(key) is string or segment.get(key) is mapping %}
            {{ raise_segment_error(label, "'" ~ key ~ "' must be a list, such as [" ~ ('email, sms' if key == 'channels' else 'vip, loyal') ~ '].', key) }}
        {% endfor %}
        {% if segment.get('minimum_size', 0) is not integer or segment.get('minimum_size', 0) < 0 %}
            {{ raise_segment_error(label, "'minimum_size' must be a whole number of customers, such as 100.", 'minimum_size') }}
        {% endif %}
        {% do by_name.update({segment.name: segment}) %}
    {% endfor %}
    {% for segment in declared %}
        {% set lifetime = fill_thresholds(segment, segment.time_to_live_days, 'time_to_live_days') if segment.time_to_live_days is not none and segment.time_to_live_days is defined else '' %}
        {% if lifetime and not modules.re.match('^[1-9][0-9]*$', lifetime) %}
            {{ raise_segment_error(segment.name, "'time_to_live_days' must be a whole number of days, 1 or more, not '" ~ lifetime ~ "'.", 'time_to_live_days') }}
        {% endif %}
        {% do checked.append(dict(
            segment,
            lifetime_days=lifetime | int,
            condition=segment_condition(segment, by_name),
            own_predicate=fill_thresholds(segment, segment.predicate or '', 'predicate'),
            own_sql=fill_thresholds(segment, segment.sql or '', 'sql')
        )) %}
    {% endfor %}
    {{ return(checked) }}
{% endmacro %}


{# All rules of a segment as one condition; those of the segments it is made of are written into it. #}
{% macro segment_condition(segment, by_name={}, path=[]) %}
    {% set path = path + [segment.name] %}
    {% set referred = {} %}
    {% for key in segment_keys().lists %}
        {% for name in segment.get(key) or [] %}
            {% if name not in by_name %}
                {{ raise_segment_error(segment.name, "'" ~ key ~ "' names '" ~ name ~ "', which is not declared. Declared are: " ~ by_name | sort | join(', ') ~ '.' ~ did_you_mean(name, by_name | list), key) }}
            {% endif %}
            {% if name in path %}
                {{ raise_segment_error(segment.name, 'the segments are made of each other in a circle: ' ~ (path[path.index(name):] + [name]) | join(' -> ') ~ '. Take one of these references out.', key) }}
            {% endif %}
            {% do referred.update({name: segment_condition(by_name[name], by_name, path)}) %}
        {% endfor %}
    {% endfor %}
    {% set parts = [] %}
    {% if segment.predicate %}{% do parts.append(fill_thresholds(segment, segment.predicate, 'predicate')) %}{% endif %}
    {% if segment.sql %}{% do parts.append('customer_id in (select chosen.customer_id from (' ~ fill_thresholds(segment, segment.sql, 'sql') ~ ') as chosen)') %}{% endif %}
    {% for name in segment.all_of or [] %}{% do parts.append(referred[name]) %}{% endfor %}
    {% set choices = [] %}
    {% for name in segment.any_of or [] %}{% do choices.append('(' ~ referred[name] ~ ')') %}{% endfor %}
    {% if choices %}{% do parts.append(choices | join(' or ')) %}{% endif %}
    {#- Whoever a condition says nothing about, because a value is missing, is not in that segment. -#}
    {% for name in segment.none_of or [] %}{% do parts.append('not coalesce(' ~ referred[name] ~ ', false)') %}{% endfor %}
    {{ return(parts[0] if parts | length == 1 else '(' ~ parts | join(') and (') ~ ')') }}
{% endmacro %}


{# A text with each {threshold} replaced by the variable of that name, as an SQL literal; {ref:model} stays for the model that reads it. #}
{% macro fill_thresholds(segment, text, key) %}
    {% set filled = namespace(text=text | string | trim) %}
    {% for name in modules.re.findall('\\{\\s*(\\w+)\\s*\\}', filled.text) %}
        {% set value = var(name, none) %}
        {% if value is none %}
            {{ raise_segment_error(segment.name, "threshold {" ~ name ~ "} is not a variable; add '" ~ name ~ "' to vars in dbt_project.yml.", key) }}
        {% endif %}
        {% set filled.text = modules.re.sub('\\{\\s*' ~ name ~ '\\s*\\}', sql_literal(value) | replace('\\', '\\\\'), filled.text) %}
    {% endfor %}
    {{ return(filled.text) }}
{% endmacro %}


{# A condition with each {ref:model} replaced by that model's table. Used only where the condition runs, so that nothing else depends on it. #}
{% macro resolve_references(segment) %}
    {% set resolved = namespace(text=segment.condition) %}
    {% for name in modules.re.findall('\\{\\s*ref:\\s*(\\w+)\\s*\\}', segment.condition) | unique %}
        {% if name.startswith('segment') or name.startswith('int_segment') or name.startswith('activation') %}
            {{ raise_segment_error(segment.name, "'sql' reads " ~ name ~ ', which is made from segments; refer to segments by all_of, any_of or none_of.', 'sql') }}
        {% endif %}
        {% set resolved.text = modules.re.sub('\\{\\s*ref:\\s*' ~ name ~ '\\s*\\}', ref(name) | string | replace('\\', '\\\\'), resolved.text) %}
    {% endfor %}
    {{ return(resolved.text) }}
{% endmacro %}


{# A number, a boolean, a text or a list of these, written as SQL. #}
{% macro sql_literal(value) %}
    {% if value is sequence and value is not string %}
        {% set literals = [] %}
        {% for item in value %}
            {% do literals.append(sql_literal(item)) %}
        {% endfor %}
        {{ return('(' ~ literals | join(', ') ~ ')') }}
    {% elif value is boolean %}
        {{ return('true' if value else 'false') }}
    {% elif value is number %}
        {{ return(value | string) }}
    {% else %}
        {{ return("'" ~ value | string | replace("'", "''") ~ "'") }}
    {% endif %}
{% endmacro %}


{# How many segments are kept as bits of one whole number (int_segment_sets): fewer than a bigint has. #}
{% macro segments_per_number() %}
    {{ return(60) }}
{% endmacro %}
