{#
    Why two records are one person or not, and why the records of a customer are one: the run-operations explain_match and
    explain_customer. They read what the models stored and recompute the rest with the models' own macros; they write nothing.

    dbt run-operation explain_match --args '{left: <record_id>, right: <record_id>}'
    dbt run-operation explain_customer --args '{customer: <customer_id or record_id>}'
    Add as_json: true for one line of JSON, and `--target readonly` where the database may only be read; show_values: true to see the
    compared values, with `dbt --log-level-file none`, so that no log keeps them.
#}

{# The words for a level of a comparison; null where there was nothing to compare. `level` is an SQL expression. #}
{% macro level_label(comparison, level) -%}
    case {{ level }}
        {%- for label in comparison.labels %} when {{ loop.index }} then '{{ label }}'{% endfor %} end
{%- endmacro %}

{# The names of the blocking rules in a bit mask, as one text; null for none. #}
{% macro rule_names(mask) -%}
    nullif(
        concat_ws(
            ', '
            {%- for rule in blocking_candidates() %},
            case when {{ bit_field(mask, loop.index0, 1) }} = 1 then '{{ rule }}' end
            {%- endfor %}
        ), ''
    )
{%- endmacro %}

{# A relation of this project if the project has it and it has been built, else none. #}
{% macro built_relation(name) %}
    {% for node in graph.nodes.values() if node.name == name and node.resource_type == 'model' %}
        {{ return(adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias)) }}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}

{% macro check_explainable() %}
    {% for name in ['identity_records', 'identity_features', 'identity_match_weights', 'identity_scored_pairs', 'identity_edges', 'identity_clusters', 'identity_cannot_links', 'customer_ids'] %}
        {% if built_relation(name) is none %}
            {{ exceptions.raise_compiler_error("Nothing can be explained yet: " ~ name ~ " has not been built. Run `make run`, or `dbt build`, first.") }}
        {% endif %}
    {% endfor %}
{% endmacro %}

{% macro quoted(value) -%}
    {{ return(dbt.string_literal(dbt.escape_single_quotes(value | string))) }}
{%- endmacro %}

{# The rows of a query as dictionaries; numbers that the driver delivers as decimals become floats. #}
{% macro fetched(query) %}
    {% set table = run_query(query) %}
    {% set found = [] %}
    {% for row in table.rows %}
        {% set values = {} %}
        {% for name in table.column_names %}
            {% set value = row[loop.index0] %}
            {% do values.update({name | lower: value if value is none or value is boolean or value is string
                else value | int if value is integer or value == value | int else value | float}) %}
        {% endfor %}
        {% do found.append(values) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# -- text -------------------------------------------------------------------------------------------------------------------------- #}

{# Added to zero, so that no sum of evidence reads -0.0. #}
{% macro in_bits(value) %}{{ return('' if value is none else '%+.1f' | format((value | round(1)) + 0.0)) }}{% endmacro %}

{# The first of a list of names, with how many more there are. #}
{% macro first_names(names, count) %}
    {{ return(names[:count] | join(', ') ~ (' and ' ~ (names | length - count) ~ ' more' if names | length > count else '')) }}
{% endmacro %}

{% macro in_share(value) %}
    {{ return('' if value is none else '%.3f' | format(value) if value >= 0.001 else '%.1e' | format(value)) }}
{% endmacro %}

{# Evidence as a bar of at most ten signs to the right (for) or to the left (against). #}
{% macro signed_bar(value, scale) %}
    {% set length = [10, (10 * (value | abs) / ([scale, 0.1] | max)) | round | int] | min %}
    {{ return(' ' * (10 - length) ~ '▒' * length ~ '│' if value < 0 else ' ' * 10 ~ '│' ~ '█' * length) }}
{% endmacro %}

{# Lines of a table; the columns whose numbers are in `right` are aligned to the right. #}
{% macro text_table(head, rows, right=[]) %}
    {% set widths = [] %}
    {% for column in range(head | length) %}
        {% set lengths = [head[column] | length] %}
        {% for row in rows %}{% do lengths.append(row[column] | string | length) %}{% endfor %}
        {% do widths.append(lengths | max) %}
    {% endfor %}
    {% set lines = [] %}
    {% for row in [head] + rows %}
        {% set cells = [] %}
        {% for cell in row %}
            {% set text = cell | string %}
            {% do cells.append(text.rjust(widths[loop.index0]) if loop.index0 in right else text.ljust(widths[loop.index0])) %}
        {% endfor %}
        {% do lines.append(('  ' ~ cells | join('  ')).rstrip()) %}
    {% endfor %}
    {{ return(lines) }}
{% endmacro %}
