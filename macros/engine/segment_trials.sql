{#
    What the embedded engine can be asked about declarations before anything is built. Elsewhere nobody is asked: a wrong purpose fails the
    tests of int_segment_declarations, and a wrong condition is told by the engine itself.
#}

{# The values of a column of a seed, as its file has them now: the table may be of the last run. Empty where nobody knows. #}
{% macro seed_values(seed, column) %}
    {{ return(adapter.dispatch('seed_values', 'kindred')(seed, column)) }}
{% endmacro %}

{% macro default__seed_values(seed, column) %}
    {{ return([]) }}
{% endmacro %}

{% macro duckdb__seed_values(seed, column) %}
    {% set files = [] %}
    {% if execute and graph.nodes is defined %}
        {% for node in graph.nodes.values() if node.name == seed and node.resource_type == 'seed' %}
            {% do files.append(node.root_path ~ '/' ~ node.original_file_path) %}
        {% endfor %}
    {% endif %}
    {% if not files %}{{ return([]) }}{% endif %}
    {% set rows = run_query('select distinct ' ~ column ~ ' from read_csv(' ~ sql_literal(files[0]) ~ ', header = true, all_varchar = true) order by 1').rows %}
    {{ return(rows | map(attribute=0) | select | list) }}
{% endmacro %}


{#  The first condition or query that the engine refuses when it is tried on tables without customers: its segment, key and why; empty where all
    can be used. `tables`: {table: {column: type}}; `models`: names of all; `trials`: [{segment, key, sql}]. #}
{% macro first_refused(tables, models, trials) %}
    {{ return(adapter.dispatch('first_refused', 'kindred')(tables, models, trials)) }}
{% endmacro %}

{% macro default__first_refused(tables, models, trials) %}
    {{ return({}) }}
{% endmacro %}

{% macro duckdb__first_refused(tables, models, trials) %}
    {% set answer = ask_the_project('kindred_first_refused', [tojson({'tables': tables, 'models': models, 'trials': trials})]) %}
    {{ return(fromjson(answer) if answer else {}) }}
{% endmacro %}
