{# Words of a predicate that are not columns. What is absent here cannot be used: predicates stay simple and portable. #}
{% macro segment_predicate_words() %}
    {{ return([
        'and', 'or', 'not', 'in', 'is', 'null', 'true', 'false', 'between', 'like', 'case', 'when', 'then', 'else', 'end',
        'coalesce', 'nullif', 'abs', 'round', 'floor', 'ceil', 'least', 'greatest', 'lower', 'upper', 'length', 'trim',
        'date', 'timestamp', 'cast', 'try_cast', 'as', 'integer', 'bigint', 'double', 'decimal',
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


{# Purposes and channels are names that others give; a misspelt one would reach nobody. #}
{% macro check_segment_purposes(segments) %}
    {% set purposes = seed_values('purposes', 'purpose_code') %}
    {% set channels = seed_values('purposes_channels', 'channel') %}
    {% if channels %}
        {% for destination in activation_destinations().values() if destination.segment_channel and destination.segment_channel not in channels %}
            {% do channels.append(destination.segment_channel) %}
        {% endfor %}
    {% endif %}
    {% for segment in segments %}
        {% if purposes and segment.purpose not in purposes %}
            {{ raise_segment_error(
                segment.name,
                "unknown purpose '" ~ segment.purpose ~ "'." ~ did_you_mean(segment.purpose, purposes) ~ ' seeds/purposes.csv has: ' ~ purposes | join(', ') ~ '.',
                'purpose'
            ) }}
        {% endif %}
        {% for channel in segment.channels if channels and channel not in channels %}
            {{ raise_segment_error(
                segment.name,
                "unknown channel '" ~ channel ~ "'." ~ did_you_mean(channel, channels) ~ ' Channels are: ' ~ channels | sort | join(', ') ~ '.',
                'channels'
            ) }}
        {% endfor %}
    {% endfor %}
{% endmacro %}


{# Models and seeds that a query may read: {name: {column: type}}; without columns where the project does not enforce them. #}
{% macro segment_tables() %}
    {% set tables = {} %}
    {% if execute and graph.nodes is defined %}
        {% for node in graph.nodes.values() if node.resource_type in ['model', 'seed', 'snapshot'] %}
            {% set columns = {} %}
            {% if node.config.get('contract', {}).get('enforced') %}
                {% for column in node.columns.values() %}{% do columns.update({column.name: column.data_type}) %}{% endfor %}
            {% endif %}
            {% do tables.update({node.name: columns}) %}
        {% endfor %}
    {% endif %}
    {{ return(tables) }}
{% endmacro %}


{#  Every predicate and query is tried on empty tables, each by itself: the statement that holds them all would say which word is wrong, not whose.
    A query over tables whose columns nobody declares is not tried. #}
{% macro check_segment_conditions(segments) %}
    {% set tables = segment_tables() %}
    {% if not tables.get('customer_features') %}{{ return('') }}{% endif %}
    {% set read = {'customer_features': tables.customer_features} %}
    {% set trials = [] %}
    {% for segment in segments %}
        {% if segment.own_predicate %}{% do trials.append({'segment': segment.name, 'key': 'predicate', 'sql': segment.own_predicate}) %}{% endif %}
        {% if segment.own_sql %}
            {% set query = namespace(text=segment.own_sql, is_known=true) %}
            {% for name in modules.re.findall('\\{\\s*ref:\\s*(\\w+)\\s*\\}', query.text) | unique %}
                {% if name not in tables %}
                    {{ raise_segment_error(segment.name, "'sql' reads {ref:" ~ name ~ '}, and there is no such model.' ~ did_you_mean(name, tables | list), 'sql') }}
                {% endif %}
                {% if tables[name] %}{% do read.update({name: tables[name]}) %}{% else %}{% set query.is_known = false %}{% endif %}
                {% set query.text = modules.re.sub('\\{\\s*ref:\\s*' ~ name ~ '\\s*\\}', 'models.' ~ name, query.text) %}
            {% endfor %}
            {% if query.is_known %}{% do trials.append({'segment': segment.name, 'key': 'sql', 'sql': query.text}) %}{% endif %}
        {% endif %}
    {% endfor %}
    {% set refused = first_refused(read, tables | list, trials) if trials else {} %}
    {% if refused %}{{ raise_segment_error(refused.segment, refused.problem, refused.key) }}{% endif %}
{% endmacro %}


{# Everything that can be known about declared segments without building anything; the first mistake is told. #}
{% macro check_declared_segments(segments) %}
    {% do check_segment_columns(segments, segment_feature_columns()) %}
    {% do check_segment_purposes(segments) %}
    {% do check_segment_conditions(segments) %}
{% endmacro %}


{# Segments whose sales are forecast: of a misspelt one there would be no forecast, and no word about it. #}
{% macro check_forecast_segments(segments) %}
    {% set names = segments | map(attribute='name') | list %}
    {% set chosen = var('sales_forecast_segments', []) or [] %}
    {% if chosen is string or chosen is mapping %}
        {{ exceptions.raise_compiler_error("'sales_forecast_segments' in vars of dbt_project.yml must be a list of segments, such as [vip].") }}
    {% endif %}
    {% for name in chosen if name not in names %}
        {{ exceptions.raise_compiler_error(
            "'sales_forecast_segments' in vars of dbt_project.yml names '" ~ name ~ "', which is no declared segment."
            ~ did_you_mean(name, names) ~ ' Declared are: ' ~ names | sort | join(', ') ~ '.'
        ) }}
    {% endfor %}
{% endmacro %}


{# Before a run: a wrong declaration stops it with one error, before anything is built or lost. #}
{% macro refuse_wrong_segments() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set declared = declared_segments() %}
    {% do check_declared_segments(declared) %}
    {% do check_forecast_segments(declared) %}
{% endmacro %}


{# dbt run-operation check_segments: checks declarations without building anything. #}
{% macro check_segments(segments=none) %}
    {% set declared = declared_segments(segments) %}
    {% do check_declared_segments(declared) %}
    {% if segments is none %}{% do check_forecast_segments(declared) %}{% endif %}
    {% do log(declared | length ~ ' segments are well declared: ' ~ declared | map(attribute='name') | join(', ') ~ '.', info=true) %}
{% endmacro %}
