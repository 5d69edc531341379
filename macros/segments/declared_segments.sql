{# What a segment declaration (vars: segments) must have, and what it may have. #}
{% macro segment_keys() %}
    {{ return({
        'required': ['name', 'label', 'description', 'owner', 'purpose', 'channels', 'predicate'],
        'optional': [],
    }) }}
{% endmacro %}


{% macro raise_segment_error(segment_name, problem) %}
    {{ exceptions.raise_compiler_error("Segment '" ~ segment_name ~ "' (vars: segments in dbt_project.yml): " ~ problem) }}
{% endmacro %}


{# Every declared segment, checked for shape; each comes with `condition`, its predicate with thresholds filled in. #}
{% macro declared_segments(segments=none) %}
    {% set declared = var('segments', []) if segments is none else segments %}
    {% set keys = segment_keys() %}
    {% set names = [] %}
    {% set checked = [] %}
    {% for segment in declared %}
        {% if segment is not mapping %}
            {{ raise_segment_error('number ' ~ loop.index, 'is not a mapping of keys; write name, label, description, owner, purpose, channels, predicate.') }}
        {% endif %}
        {% set label = segment.get('name') or 'number ' ~ loop.index %}
        {% for key in keys.required if not segment.get(key) %}
            {{ raise_segment_error(label, "key '" ~ key ~ "' is missing or empty.") }}
        {% endfor %}
        {% for key in segment if key not in keys.required + keys.optional %}
            {{ raise_segment_error(label, "unknown key '" ~ key ~ "'; known keys are " ~ (keys.required + keys.optional) | join(', ') ~ '.') }}
        {% endfor %}
        {% if not modules.re.match('^[a-z][a-z0-9_]{0,62}$', segment.name | string) %}
            {{ raise_segment_error(label, 'the name must be lower-case letters, digits and underscores, beginning with a letter.') }}
        {% endif %}
        {% if segment.name in names %}
            {{ raise_segment_error(label, 'is declared twice; names must be unique.') }}
        {% endif %}
        {% if segment.channels is string or segment.channels is mapping %}
            {{ raise_segment_error(label, "'channels' must be a list, such as [email, sms].") }}
        {% endif %}
        {% do names.append(segment.name) %}
        {% do checked.append(dict(segment, condition=segment_condition(segment))) %}
    {% endfor %}
    {{ return(checked) }}
{% endmacro %}


{# The predicate with each {threshold} replaced by the variable of that name, as an SQL literal. #}
{% macro segment_condition(segment) %}
    {% set filled = namespace(text=segment.predicate | string | trim) %}
    {% for name in modules.re.findall('\\{\\s*(\\w+)\\s*\\}', filled.text) %}
        {% set value = var(name, none) %}
        {% if value is none %}
            {{ raise_segment_error(segment.name, "threshold {" ~ name ~ "} is not a variable; add '" ~ name ~ "' to vars in dbt_project.yml.") }}
        {% endif %}
        {% set filled.text = modules.re.sub('\\{\\s*' ~ name ~ '\\s*\\}', sql_literal(value) | replace('\\', '\\\\'), filled.text) %}
    {% endfor %}
    {{ return(filled.text) }}
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
