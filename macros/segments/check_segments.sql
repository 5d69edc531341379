{# Words of a predicate that are not columns. What is absent here cannot be used: predicates stay simple and portable. #}
{% macro segment_predicate_words() %}
    {{ return([
        'and', 'or', 'not', 'in', 'is', 'null', 'true', 'false', 'between', 'like', 'case', 'when', 'then', 'else', 'end',
        'coalesce', 'nullif', 'abs', 'round', 'floor', 'ceil', 'least', 'greatest', 'lower', 'upper', 'length', 'trim',
        'date', 'timestamp',
    ]) }}
{% endmacro %}


{# Columns of customer_features as its YAML declares them: {name: is_sensitive}. Empty where dbt shows no graph (parsing, unit tests). #}
{% macro segment_feature_columns() %}
    {% set columns = {} %}
    {% if execute and graph.nodes is defined %}
        {% for node in graph.nodes.values() if node.name == 'customer_features' and node.resource_type == 'model' %}
            {% for column in node.columns.values() %}
                {% set meta = column.get('config', {}).get('meta') or column.get('meta') or {} %}
                {% do columns.update({column.name | lower: meta.get('sensitive', false)}) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}


{# Every column a predicate reads must exist and must not be sensitive; the first offender stops the build by name. #}
{% macro check_segment_columns(segments, columns) %}
    {% set words = segment_predicate_words() %}
    {% for segment in segments %}
        {% set code = modules.re.sub("'(?:[^']|'')*'", "''", segment.own_predicate) %}
        {% if ';' in code or '--' in code or '/*' in code %}
            {{ raise_segment_error(segment.name, 'the predicate holds a semicolon or a comment; write one plain condition.', 'predicate') }}
        {% endif %}
        {% set query = modules.re.sub("'(?:[^']|'')*'", "''", segment.own_sql) %}
        {% if ';' in query or '--' in query or '/*' in query %}
            {{ raise_segment_error(segment.name, "'sql' holds a semicolon or a comment; write one query.", 'sql') }}
        {% endif %}
        {% if query and not modules.re.match('\\s*(select|with|from)\\b', query, modules.re.IGNORECASE) %}
            {{ raise_segment_error(segment.name, "'sql' must be a query that gives customer_id, such as select customer_id from {ref:orders}.", 'sql') }}
        {% endif %}
        {% for word in modules.re.findall('\\b[A-Za-z_]\\w*', query) %}
            {% for pattern in var('sensitive_attribute_patterns', []) if modules.re.search(pattern, word | lower) %}
                {{ raise_segment_error(segment.name, "'sql' reads '" ~ word ~ "', a sensitive attribute (pattern '" ~ pattern ~ "'); segments may not be built on it.", 'sql') }}
            {% endfor %}
        {% endfor %}
        {% for word in modules.re.findall('\\b[A-Za-z_]\\w*', code) if word | lower not in words %}
            {% set column = word | lower %}
            {% for pattern in var('sensitive_attribute_patterns', []) if modules.re.search(pattern, column) %}
                {{ raise_segment_error(segment.name, "column '" ~ column ~ "' is a sensitive attribute (pattern '" ~ pattern ~ "'); segments may not be built on it.", 'predicate') }}
            {% endfor %}
            {% if columns and column not in columns %}
                {{ raise_segment_error(
                    segment.name,
                    "unknown column '" ~ column ~ "' in the predicate." ~ did_you_mean(column, columns | list) ~ ' customer_features has: ' ~ columns | sort | join(', ') ~ '.',
                    'predicate'
                ) }}
            {% endif %}
            {% if columns.get(column) %}
                {{ raise_segment_error(segment.name, "column '" ~ column ~ "' is marked sensitive in customer_features.yml; segments may not be built on it.", 'predicate') }}
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endmacro %}


{# Before a run: a wrong declaration stops it with one error, before anything is built or lost. #}
{% macro refuse_wrong_segments() %}
    {% if execute %}{% do check_segment_columns(declared_segments(), segment_feature_columns()) %}{% endif %}
{% endmacro %}


{# dbt run-operation check_segments: checks declarations without building anything. #}
{% macro check_segments(segments=none) %}
    {% set declared = declared_segments(segments) %}
    {% do check_segment_columns(declared, segment_feature_columns()) %}
    {% do log(declared | length ~ ' segments are well declared: ' ~ declared | map(attribute='name') | join(', ') ~ '.', info=true) %}
{% endmacro %}
