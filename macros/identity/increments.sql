{#
    How identity keeps up with the data: a run looks at all records, but makes keys, pairs, comparisons and clusters only of what has
    changed (an increment), unless there is a reason to look at everything (a full run). identity_run decides and says why.

    What a model of the linkage keeps from run to run is an incremental model with `meta: {identity_state: true}`; a full run rebuilds
    it whole, as `--full-refresh` does (see should_full_refresh). What is learned from the data (match weights, blocking rules, value
    counts) is of the materialization `trained` and stays until identity_run says that it has to be learned anew.
#}

{# A model of the linkage as it was before this run, none if it was never built. Not a reference: a model may read what follows it. #}
{% macro identity_previous(name) %}
    {{ return(adapter.get_relation(database=this.database, schema=this.schema, identifier=name) if execute else none) }}
{% endmacro %}

{# Reads one value of the run in progress; none before the first. #}
{% macro identity_run_value(column) %}
    {% set relation = adapter.get_relation(database=target.get('database'), schema=generate_schema_name('identity', none), identifier='identity_run') if execute else none %}
    {% if relation is none %}{{ return(none) }}{% endif %}
    {% set rows = run_query("select " ~ column ~ " from " ~ relation).rows %}
    {{ return(rows[0][0] if rows else none) }}
{% endmacro %}

{# Whether the run in progress is an increment. Incremental models ask is_incremental(), which knows it too. #}
{% macro identity_is_increment() %}
    {{ return(identity_run_value('mode') == 'increment') }}
{% endmacro %}

{# dbt asks this before it rebuilds an incremental model; the linkage has one more reason to, the mode of its run, and so have restated models. #}
{% macro should_full_refresh() %}
    {% set asked = config.get('full_refresh') %}
    {% if asked is none %}{% set asked = flags.FULL_REFRESH %}{% endif %}
    {% if not asked and execute and (config.get('meta') or {}).get('identity_state') %}
        {% set asked = not identity_is_increment() %}
    {% endif %}
    {% if not asked and execute and restate_settings() %}
        {% set asked = restate_plan().full_reason is not none %}
    {% endif %}
    {{ return(asked) }}
{% endmacro %}

{#
    Incremental strategy `replace_touched`: the rows of the records that this run touches go, what the model selects comes. The model's
    meta names the table of touched records (`touched`) and the columns that refer to them (`touched_by`).
#}
{% macro get_incremental_replace_touched_sql(arg_dict) %}
    {% set meta = config.get('meta') %}
    {% set touched = this.incorporate(path={'identifier': meta.touched}) %}
    {% set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') %}
    delete from {{ arg_dict['target_relation'] }}
    where {% for column in meta.touched_by %}{{ column }} in (select {{ meta.get('touched_key', 'record_key') }} from {{ touched }}){{ " or " if not loop.last }}{% endfor %};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{#
    What the results rest on besides the data: declarations, match keys, comparisons, and the models themselves, whose columns and rules
    may be others in another version of the project. When it changes, nothing that was kept is of use any more. What gives out ids keeps
    nothing but the ledger and is left out.
#}
{% macro identity_fingerprint() %}
    {% set parts = [pattern_sql(), strong_identifiers_sql('x'), name_key('x'), without_generation('x'), generation_of('x'), email_key('x'), email_local('x'), email_domain('x'), street_key('x'), house_number('x'), phonetic_key(fold_digraphs('x')), blocking_candidates() | join(' ')] %}
    {% for rule in blocking_candidates() %}{% do parts.append(blocking_rule_columns(rule) | join(' ')) %}{% endfor %}
    {% for name in [
        'identity_feeds', 'identity_identifier_types', 'identity_extra_attributes', 'identity_pair_budget', 'identity_least_yield',
        'identity_sample_records', 'identity_closing_cap', 'identity_block_cap', 'identity_threshold', 'identity_unseen_pair_weight',
        'identity_random_pairs', 'identity_frequency_prior', 'identity_scored_pair_floor', 'identity_comparisons', 'identity_blocking_rules',
        'identity_max_cluster_records', 'identity_alike_records', 'identity_junk_minimum_names',
    ] %}
        {% do parts.append(tojson(var(name))) %}
    {% endfor %}
    {% if execute and graph %}
        {% for seed in ['nicknames', 'junk_identifiers'] %}
            {% do parts.append(graph.nodes.get('seed.kindred.' ~ seed, {}).get('checksum', {}) | string) %}
        {% endfor %}
        {% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') %}
            {% if node.name.startswith('identity_') and not node.name.startswith('identity_id_') %}{% do parts.append(node.checksum.checksum) %}{% endif %}
        {% endfor %}
    {% endif %}
    {{ return(local_md5(parts | join('|'))) }}
{% endmacro %}

{# Everything of a record that linkage looks at, as one number: a record whose number is the same has not changed. #}
{% macro record_hash(alias) %}
    {% set columns = ['source_name'] %}
    {% for name in person_attributes() if name not in ['created_at', 'updated_at', 'job_title', 'company_name', 'is_email_verified', 'region', 'middle_name', 'full_name'] %}
        {% do columns.append(name) %}
    {% endfor %}
    {% do columns.extend(var('identity_extra_attributes')) %}
    {% for type in declared_identifier_types() %}{% do columns.append(type ~ '_identifier') %}{% endfor %}
    {% set qualified = [] %}
    {% for column in columns %}{% do qualified.append(alias ~ '.' ~ column) %}{% endfor %}
    {{ return(hash_key(qualified)) }}
{% endmacro %}

{# The types of system ids that feeds declare; identity_records has a column <type>_identifier for each. #}
{% macro declared_identifier_types() %}
    {% set types = [] %}
    {% for feed in enabled_identity_feeds() %}
        {% for type in (feed.identifiers or {}) if type not in types %}{% do types.append(type) %}{% endfor %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}

{# Everything besides matches that clusters rest on, in one shape. #}
{% macro constraints_sql() %}
select 'must_link' as kind, left_key, right_key, cast(strength as double) as rank
from {{ ref('identity_strong_links') }}
where not is_over_limit
union all
select 'cannot_link' as kind, left_key, right_key, case when is_absolute then 1.0 else 0.0 end as rank
from {{ ref('identity_cannot_links') }}
union all
select 'exclusive' as kind, record_key as left_key, record_key as right_key, cast(feed_number as double) as rank
from {{ ref('identity_kept_apart') }}
{% endmacro %}

{# The strong identifiers of records, one row each; `relation` has the columns of identity_features. #}
{% macro strong_identifiers_sql(relation) %}
    {%- set types = [] %}
    {%- for type in declared_identifier_types() if var('identity_identifier_types').get(type, {}).get('is_strong') %}{% do types.append(type) %}{% endfor %}
    {%- for type in types %}
    select
        record_key,
        '{{ type }}' as identifier_type,
        {{ type }}_identifier as identifier_value,
        {{ hash_key(["'" ~ type ~ "'", type ~ '_identifier']) }} as identifier_key
    from {{ relation }}
    where {{ type }}_identifier is not null
    union all
    {%- endfor %}
    {# What all values of a record say together. Only of many records alike is it asked (identity_identifier_agreements). #}
    select
        record_key,
        'values' as identifier_type,
        cast(null as string) as identifier_value,
        alike_key as identifier_key
    from {{ relation }}
    where alike_key is not null
{% endmacro %}
