{#
    What an error in a declaration is told with. The embedded engine can ask the project's own Python; elsewhere an error has to do
    without, and names the segment alone.
#}

{# File and line of a key of a segment; empty where nobody knows. #}
{% macro declaration_place(segment_name, key) %}
    {{ return(adapter.dispatch('declaration_place', 'kindred')(segment_name, key)) }}
{% endmacro %}

{% macro default__declaration_place(segment_name, key) %}
    {{ return('') }}
{% endmacro %}

{% macro duckdb__declaration_place(segment_name, key) %}
    {{ return(ask_the_project('kindred_declared_at', [segment_name, key, invocation_args_dict.get('project_dir') or '.'])) }}
{% endmacro %}


{# The name most like a word; empty where none is. #}
{% macro closest_name(word, names) %}
    {{ return(adapter.dispatch('closest_name', 'kindred')(word, names)) }}
{% endmacro %}

{% macro default__closest_name(word, names) %}
    {{ return('') }}
{% endmacro %}

{% macro duckdb__closest_name(word, names) %}
    {{ return(ask_the_project('kindred_closest', [word, names | join(', ')])) }}
{% endmacro %}


{# What is wrong with a variable that the project does not have; empty where all of them are known, or nobody knows. #}
{% macro unknown_variable(names) %}
    {{ return(adapter.dispatch('unknown_variable', 'kindred')(names)) }}
{% endmacro %}

{% macro default__unknown_variable(names) %}
    {{ return('') }}
{% endmacro %}

{% macro duckdb__unknown_variable(names) %}
    {{ return(ask_the_project('kindred_unknown_variable', [names | join(', '), invocation_args_dict.get('project_dir') or '.'])) }}
{% endmacro %}


{# A function of texts that the plugin registers; empty where there is no plugin. #}
{% macro ask_the_project(name, arguments) %}
    {% if not execute or run_query("select count(*) from duckdb_functions() where function_name = '" ~ name ~ "'").rows[0][0] == 0 %}{{ return('') }}{% endif %}
    {% set literals = [] %}
    {% for argument in arguments %}{% do literals.append(sql_literal(argument | string)) %}{% endfor %}
    {{ return(run_query('select ' ~ name ~ '(' ~ literals | join(', ') ~ ')').rows[0][0] or '') }}
{% endmacro %}
