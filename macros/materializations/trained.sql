{#
    A table of what is learned from the data: built when it is missing or when identity_run says that learning is due, kept as it is
    otherwise, however the data has changed since. `--full-refresh` alone does not drop it.
#}
{% materialization trained, default, supported_languages=['sql', 'python'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or identity_run_value('must_train') -%}
        {{ return(context.get('materialization_table_' ~ adapter.type(), materialization_table_default)()) }}
    {%- endif -%}
    {%- call noop_statement('main', 'KEPT') -%}{%- endcall -%}
    {{ return({'relations': [existing]}) }}
{% endmaterialization %}
