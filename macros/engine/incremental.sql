{#  Increments on Spark: none. They delete rows of what is there, which tables of files cannot, and dbt-spark knows none of this project's
    strategies. A table is made whole, once; what would have to keep its rows stops the run instead of losing them. #}
{% materialization incremental, adapter='spark', supported_languages=['sql', 'python'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if existing is not none and not should_full_refresh() -%}
        {%- do exceptions.raise_compiler_error(
            this ~ ' is there already and keeps what earlier runs wrote, but on Spark no table can be added to yet: only a first build is possible. '
            ~ 'Build into other schemas, or drop this table if its history is not needed.'
        ) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
    {%- call statement('main', language=model['language']) -%}
        {{ create_table_as(False, target_relation, compiled_code, model['language']) }}
    {%- endcall -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=existing is not none) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Only Delta enforces what a contract says of a column. Spark's adapter takes a table for one whose format is not named, which is Parquet. #}
{% macro spark__persist_constraints(relation, model) %}
    {%- if config.get('file_format') == 'delta' -%}{{ return(dbt.spark__persist_constraints(relation, model)) }}{%- endif -%}
{% endmacro %}
